use partner_center_orders_api::wire::{CartFaultCode, FaultCode, Money, NumberOrText, Timestamp};
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::json;

fn schema<T: JsonSchema>() -> serde_json::Value {
    T::json_schema(&mut SchemaGenerator::default()).to_value()
}

#[test]
fn each_wire_type_describes_what_it_reads() {
    assert_eq!(schema::<Timestamp>(), json!({ "type": "string", "format": "date-time" }));
    assert_eq!(schema::<Money>(), json!({ "type": "number", "format": "decimal" }));
    assert_eq!(schema::<NumberOrText>()["type"], json!(["number", "string"]));
    assert_eq!(schema::<FaultCode>()["type"], json!(["integer", "string"]));
    assert_eq!(schema::<CartFaultCode>()["type"], json!(["integer", "string"]));
}
