//! One model of the generated types, from which everything is emitted that reads, writes or converts them.
//!
//! The contract gives the names on the wire, the order and which members are required; progenitor's output gives the names
//! and types in Rust.

use contract::forms::inside;
use contract::load::Document;
use contract::rust::{self, field_name};
use contract::site::{SCHEMAS, Site};
use proc_macro2::Ident;
use syn::{Attribute, Field, Fields, File, Item, ItemStruct, Meta, Token, Type, TypePath, punctuated::Punctuated};

use crate::critical::Critical;
use crate::types::{doc_text, structs, structs_of, types_of};

/// What progenitor generated has no counterpart in the contract.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// A struct.
    #[error("the struct `{0}` is generated from no schema that the contract shows; give its schema a name")]
    Struct(String),
    /// A field.
    #[error("the field `{field}` of the struct `{name}` belongs to no member of its schema")]
    Field {
        /// The struct.
        name: String,
        /// The field.
        field: String,
    },
}

/// The types of the module `types`.
pub struct Types {
    /// The structs, in the order of their names.
    pub structs: Vec<Struct>,
    /// The types without members of their own.
    pub values: Vec<Value>,
    /// The names of schemas that are sent back in another form, each with that form's.
    pub forms: Vec<(String, String)>,
}

/// A struct with named fields.
pub struct Struct {
    /// Its name.
    pub ident: Ident,
    /// The members that its schema names, in the order of the contract, which is that of the service.
    pub members: Vec<Member>,
    /// The field for members that its schema doesn't name, if it has one.
    pub extra: Option<Extra>,
}

/// A member of an object.
pub struct Member {
    /// The name of its field.
    pub ident: Ident,
    /// Its name on the wire.
    pub name: String,
    /// The type of its field.
    pub kind: Type,
    /// Its position in the contract's list of required members, if it is one of them.
    pub required: Option<usize>,
    /// What it means, line by line.
    pub docs: Vec<String>,
    /// Whether a value of another type is kept among the members that its schema doesn't name.
    pub is_lenient: bool,
}

/// The field for members that a schema doesn't name.
pub struct Extra {
    /// Its name.
    pub ident: Ident,
    /// Its type.
    pub kind: Type,
}

/// A type without members of its own: it holds a single value, one of several, or one of a closed list.
pub struct Value {
    /// Its name.
    pub ident: Ident,
    /// Its simplest variant, if it is an enum.
    pub variant: Option<Ident>,
    /// The fields that its simplest value has.
    pub fields: Fields,
}

impl Member {
    /// Whether it may be absent.
    pub fn is_optional(&self) -> bool {
        inside(&self.kind, "Option").is_some()
    }

    /// The integer that it holds, where it holds one.
    pub fn integer(&self) -> Option<&Type> {
        let kind = inside(&self.kind, "Option").unwrap_or(&self.kind);
        matches!(kind, Type::Path(TypePath { path, .. }) if path.is_ident("i32") || path.is_ident("i64"))
            .then_some(kind)
    }
}

impl Types {
    /// The types that progenitor made of a contract.
    ///
    /// # Errors
    /// When it made something that the contract doesn't show.
    pub fn of(contract: &Document, critical: &Critical<'_>, file: &File) -> Result<Self, ModelError> {
        let schemas = rust::structs(contract);
        let modelled = structs_of(file)
            .map(|item| {
                let name = item.ident.to_string();
                let schema = schemas.get(&name).ok_or(ModelError::Struct(name))?;
                Struct::of(schema, item, critical)
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { structs: modelled, values: values(file), forms: forms(contract) })
    }

    /// Puts the fields of the structs into the order of the contract: they are written in it, and were allocated in it.
    pub fn arrange(&self, file: &mut File) {
        for (model, item) in self.structs.iter().zip(structs(file)) {
            let Fields::Named(fields) = &mut item.fields else { continue };
            let mut arranged: Vec<Field> = std::mem::take(&mut fields.named).into_iter().collect();
            arranged.sort_by_key(|field| model.position(field));
            fields.named = arranged.into_iter().collect();
        }
    }

    /// Whether a type is one of the structs.
    pub fn is_struct(&self, kind: &Type) -> bool {
        matches!(kind, Type::Path(path) if self.structs.iter().any(|item| path.path.is_ident(&item.ident)))
    }

    /// The struct of that name.
    pub fn get(&self, name: &str) -> Option<&Struct> {
        self.structs.iter().find(|item| item.ident == name)
    }
}

impl Struct {
    fn of(schema: &Site<'_>, item: &ItemStruct, critical: &Critical<'_>) -> Result<Self, ModelError> {
        let has_extra = item.fields.iter().any(is_flattened);
        let owner = item.ident.to_string();
        let mut left: Vec<&Field> = item.fields.iter().collect();
        let mut members = Vec::new();
        for member in rust::members(schema) {
            let name = field_name(member.name);
            let is_its =
                |field: &&Field| field.ident.as_ref().is_some_and(|ident| *ident == name) && !is_flattened(field);
            let Some(field) = left.iter().position(is_its).map(|position| left.remove(position)) else { continue };
            if let Some(ident) = field.ident.clone() {
                let docs = field.attrs.iter().filter_map(doc_text).collect();
                let (name, kind) = (member.name.to_owned(), field.ty.clone());
                let is_optional = inside(&kind, "Option").is_some();
                let is_lenient = has_extra && is_optional && !critical.is_critical(&owner, &name);
                members.push(Member { ident, name, kind, required: member.required, docs, is_lenient });
            }
        }
        let (extra, unknown): (Vec<&Field>, Vec<&Field>) = left.into_iter().partition(|field| is_flattened(field));
        if let Some(field) = unknown.first() {
            let field = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
            return Err(ModelError::Field { name: item.ident.to_string(), field });
        }
        let extra = extra.first().and_then(|field| Some(Extra { ident: field.ident.clone()?, kind: field.ty.clone() }));
        Ok(Self { ident: item.ident.clone(), members, extra })
    }

    /// The position of a field in the order of the contract.
    fn position(&self, field: &Field) -> usize {
        let position = self.members.iter().position(|member| field.ident.as_ref() == Some(&member.ident));
        position.unwrap_or(self.members.len())
    }
}

/// Whether a field holds the members that its schema doesn't name.
pub(crate) fn is_flattened(field: &Field) -> bool {
    let says_so = |attribute: &Attribute| {
        let metas = attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
        metas.is_ok_and(|metas| metas.iter().any(|meta| meta.path().is_ident("flatten")))
    };
    field.attrs.iter().filter(|attribute| attribute.path().is_ident("serde")).any(says_so)
}

fn values(file: &File) -> Vec<Value> {
    let values = types_of(file).filter_map(|item| match item {
        Item::Struct(ItemStruct { ident, fields: fields @ Fields::Unnamed(_), .. }) => {
            Some(Value { ident: ident.clone(), variant: None, fields: fields.clone() })
        }
        Item::Enum(item) => {
            let simplest = item.variants.iter().min_by_key(|variant| variant.fields.len())?;
            Some(Value {
                ident: item.ident.clone(),
                variant: Some(simplest.ident.clone()),
                fields: simplest.fields.clone(),
            })
        }
        _ => None,
    });
    values.collect()
}

fn forms(contract: &Document) -> Vec<(String, String)> {
    let schemas = Site::at(contract, SCHEMAS);
    let mut forms: Vec<(String, String)> = schemas
        .iter()
        .flat_map(Site::entries)
        .filter_map(|(name, schema)| Some((name.to_owned(), schema.text("x-sent-back-as")?.to_owned())))
        .collect();
    forms.sort();
    forms
}

/// The types of a test: what progenitor would have made of the schemas, and these as YAML or JSON.
#[cfg(test)]
pub(crate) fn of_test(types: &str, schemas: &str) -> (File, Types) {
    let file: File = syn::parse_str(types).expect("the types of a test are Rust");
    let types = modelled(schemas, &file).expect("the schemas of a test are those of its types");
    (file, types)
}

#[cfg(test)]
fn modelled(schemas: &str, file: &File) -> Result<Types, ModelError> {
    let contract = format!("{{ components: {{ schemas: {schemas} }} }}");
    let contract = contract::load::parse("contract.yaml", &contract).expect("the schemas of a test are YAML");
    Types::of(&contract, &Critical::of(&contract.to_json()), file)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPES: &str = "pub mod types {
        pub struct Order { pub id: String, pub line_items: Option<Vec<Line>>, pub lines: i32, #[serde(flatten)] pub extra: Map }
        pub struct OrderMoon { pub phase: String }
        pub enum Tide { Ebb, Flood }
    }";
    const SCHEMAS: &str = "{
        Order: { type: object, required: [lines], x-sent-back-as: OrderPatch, properties: {
            lineItems: {}, id: {}, lines: {}, moon: { type: object, properties: { phase: {} } },
        } },
    }";

    #[test]
    fn members_stand_in_the_order_of_the_contract() {
        let (mut file, types) = of_test(TYPES, SCHEMAS);
        types.arrange(&mut file);
        let order = types.get("Order").unwrap();
        let names: Vec<&str> = order.members.iter().map(|member| member.name.as_str()).collect();
        assert_eq!(names, ["lineItems", "id", "lines"]);
        assert_eq!(order.extra.as_ref().unwrap().ident, "extra");
        let order = structs_of(&file).next().unwrap();
        let fields: Vec<String> = order.fields.iter().map(|field| field.ident.as_ref().unwrap().to_string()).collect();
        assert_eq!(fields, ["line_items", "id", "lines", "extra"]);
    }

    #[test]
    fn what_may_be_absent_and_what_is_a_whole_number_are_known() {
        let (_, types) = of_test(TYPES, SCHEMAS);
        let members = &types.get("Order").unwrap().members;
        let found: Vec<_> = members.iter().map(|member| (member.is_optional(), member.integer().is_some())).collect();
        assert_eq!(found, [(true, false), (false, false), (false, true)]);
    }

    #[test]
    fn a_struct_without_a_schema_of_its_own_is_named_by_where_it_is() {
        let (_, types) = of_test(TYPES, SCHEMAS);
        assert_eq!(types.get("OrderMoon").unwrap().members[0].name, "phase");
        assert_eq!(types.values[0].variant.as_ref().unwrap(), "Ebb");
        assert_eq!(types.forms, [("Order".to_owned(), "OrderPatch".to_owned())]);
    }

    #[test]
    fn what_the_contract_does_not_show_is_rejected() {
        let types = "pub mod types { pub struct Order { pub id: String, pub moon: String } }";
        let problem = |schemas: &str| modelled(schemas, &syn::parse_str(types).unwrap()).err().unwrap().to_string();
        assert!(problem("{ Tide: { properties: { id: {} } } }").contains("the struct `Order`"));
        assert!(problem("{ Order: { properties: { id: {} } } }").contains("the field `moon`"));
    }
}
