use serde_json::{Value, json};

use super::{CallsError, client};
use crate::{generate, polish};

fn parameter(position: &str, name: &str, required: bool, schema: &Value) -> Value {
    json!({ "in": position, "name": name, "required": required, "description": format!("The {name}"), "schema": schema })
}

fn text() -> Value {
    json!({ "type": "string" })
}

/// A lowered contract with one operation, whose responses are a list and a fault.
fn document(path: &str, method: &str, operation: &Value) -> Value {
    let response = |schema: &str| {
        json!({ "description": "One.", "content": { "application/json": {
            "schema": { "$ref": format!("#/components/schemas/{schema}") } } } })
    };
    let mut document = json!({
        "openapi": "3.0.3",
        "info": { "title": "T", "version": "1.0.0" },
        "paths": { path: { method: { "operationId": "do_it", "summary": "Do it.", "responses": {
            "2XX": response("Many"), "4XX": response("Fault"), "5XX": response("Fault") } } } },
        "components": { "schemas": {
            "Many": { "type": "object", "properties": { "items": { "type": "array", "items": text() }, "totalCount": { "type": "integer" } } },
            "Fault": { "type": "object", "properties": { "code": text() } },
        } },
    });
    for (key, value) in operation.as_object().into_iter().flatten() {
        document["paths"][path][method][key] = value.clone();
    }
    document
}

fn emitted(document: &Value) -> Result<String, CallsError> {
    let output = polish::polish(generate::client(document, document).unwrap(), &[]).unwrap();
    client(document, &output).map(|file| prettyplease::unparse(&file).replace(char::is_whitespace, ""))
}

/// Of a `POST` with a body and parameters in every position.
fn everything() -> String {
    let operation = json!({
        "parameters": [
            parameter("header", "X-Late", true, &text()),
            parameter("query", "b", false, &json!({ "type": "boolean" })),
            parameter("query", "early", true, &json!({ "type": "integer", "format": "int32" })),
            parameter("path", "second", true, &text()),
            parameter("query", "a", false, &text()),
            parameter("path", "first", true, &json!({ "type": "string", "format": "uuid" })),
        ],
        "requestBody": { "description": "What to do", "required": true, "content": { "application/json": {
            "schema": { "$ref": "#/components/schemas/Fault" } } } },
    });
    emitted(&document("/a/{first}/b/{second}", "post", &operation)).unwrap()
}

#[test]
fn arguments_are_those_of_the_path_then_the_required_ones_in_order_then_the_body() {
    let arguments = "pubfndo_it(&self,first:::uuid::Uuid,second:implInto<::std::string::String>,\
                     x_late:implInto<::std::string::String>,early:i32,body:types::Fault,)->builder::DoIt<'_>";
    let code = everything();
    assert!(code.contains(arguments), "{code}");
    assert!(
        code.contains("Doit\n\nSendsa`POST`requestto`/a/{first}/b/{second}`.".replace('\n', "").as_str()),
        "{code}"
    );
    assert!(code.contains("-`first`:Thefirst.-`second`:Thesecond.-`x_late`"), "{code}");
}

#[test]
fn options_are_setters_with_their_documentation() {
    let code = everything();
    assert!(code.contains("pubfnb(mutself,b:bool)->Self{self.b=Some(b);self}"), "{code}");
    assert!(code.contains("///Thea.pubfna(mutself,a:implInto<::std::string::String>)->Self"), "{code}");
    assert_eq!(code.matches("->Self{self.").count(), 2, "{code}");
}

#[test]
fn a_request_states_its_parts_as_they_are_sent() {
    let parts = "Request::new(self.client,Operation::DoIt);\
                 request.segment(&self.first);\
                 request.segment(&self.second);\
                 request.query(\"a\",self.a.as_ref());\
                 request.query(\"b\",self.b.as_ref());\
                 request.query(\"early\",Some(&self.early));\
                 request.json(&self.body);\
                 request.header(const{::http::HeaderName::from_static(\"x-late\")},Some(&self.x_late),);";
    let code = everything();
    assert!(code.contains(parts), "{code}");
}

#[test]
fn an_operations_parameter_takes_the_place_of_its_paths() {
    let mut document = document("/a", "get", &json!({ "parameters": [parameter("query", "x", true, &text())] }));
    document["paths"]["/a"]["parameters"] =
        json!([parameter("query", "x", false, &text()), parameter("query", "y", false, &text())]);
    let code = emitted(&document).unwrap();
    assert!(code.contains("pubfndo_it(&self,x:implInto<::std::string::String>)"), "{code}");
    assert!(code.contains("pubfny(mutself"), "{code}");
}

#[test]
fn only_lists_that_are_read_can_be_streamed() {
    let get = emitted(&document("/a", "get", &json!({}))).unwrap();
    assert!(get.contains("pubfnstream(self,)") && get.contains("Output=Result<ResponseValue<ByteStream>"), "{get}");
    let post = emitted(&document("/a", "post", &json!({}))).unwrap();
    assert!(!post.contains("stream") && !post.contains("ByteStream"), "{post}");
}

#[test]
fn a_success_without_a_body_has_no_value() {
    let mut document = document("/a", "post", &json!({}));
    document["paths"]["/a"]["post"]["responses"]["2XX"] = json!({ "description": "Done." });
    let code = emitted(&document).unwrap();
    assert!(code.contains("Output=Result<ResponseValue<()>,Error<types::Fault>>"), "{code}");
    assert!(
        code.contains("async{Ok(response.await?.map(drop))}")
            || code.contains("asyncmove{Ok(response.await?.map(drop))}"),
        "{code}"
    );
}

#[test]
fn a_success_that_has_several_forms_says_so_in_its_type() {
    let operation = |marks: &[&str]| {
        let mut document = document("/a", "post", &json!({}));
        for mark in marks {
            document["paths"]["/a"]["post"]["responses"]["2XX"][mark] = json!(true);
        }
        emitted(&document).unwrap()
    };
    for (marks, success, form) in [
        (&["x-may-be-accepted"][..], "Success<types::Many>", "form::MayBeAccepted<form::Body<types::Many>>"),
        (&["x-body-is-optional"], "Option<types::Many>", "form::OptionalBody<types::Many>"),
        (
            &["x-may-be-accepted", "x-body-is-optional"],
            "Success<Option<types::Many>>",
            "form::MayBeAccepted<form::OptionalBody<types::Many>>",
        ),
    ] {
        let code = operation(marks);
        let code = code.replace(",>", ">");
        assert!(code.contains(&format!("Output=Result<ResponseValue<{success}>,Error<types::Fault>>")), "{code}");
        assert!(code.contains(&format!("self.request().send_as::<{form},_>()")), "{code}");
        assert!(code.contains("usecrate::runtime::{form,"), "{code}");
    }
    let plain = operation(&[]);
    assert!(!plain.contains("form") && !plain.contains("Success"), "{plain}");
}

#[test]
fn a_success_without_a_body_can_be_accepted_only() {
    let mut document = document("/a", "post", &json!({}));
    document["paths"]["/a"]["post"]["responses"]["2XX"] = json!({ "description": "Done.", "x-may-be-accepted": true });
    let code = emitted(&document).unwrap();
    assert!(code.contains("Output=Result<ResponseValue<Success<()>>,Error<types::Fault>>"), "{code}");
    assert!(code.contains("self.request().send_as::<form::MayBeAccepted<form::NoBody>,_>()"), "{code}");
}

#[test]
fn a_parameter_may_be_called_client() {
    let operation = json!({ "parameters": [parameter("query", "client", true, &text())] });
    let code = emitted(&document("/a", "get", &operation)).unwrap();
    assert!(code.contains("builder::DoIt{client_:self,client:client.into(),}"), "{code}");
}

#[test]
fn what_the_runtime_cannot_send_is_an_error_that_names_the_operation() {
    let body = json!({ "requestBody": { "required": true, "content": { "text/plain": { "schema": text() } } } });
    let error = emitted(&document("/a", "post", &body)).unwrap_err();
    assert!(matches!(&error, CallsError::Body(operation) if operation == "do_it"), "{error}");

    let mut document = document("/a", "post", &json!({}));
    let responses = document["paths"]["/a"]["post"]["responses"].as_object_mut().unwrap();
    responses.retain(|status, _| status == "2XX");
    let error = emitted(&document).unwrap_err();
    assert!(matches!(&error, CallsError::Fault(operation) if operation == "do_it"), "{error}");
}
