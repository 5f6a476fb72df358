//! The types that progenitor derives from the schemas of an operation.

use syn::{
    AngleBracketedGenericArguments, File, GenericArgument, ImplItem, ImplItemFn, Item, ItemImpl, PathArguments,
    ReturnType, Type, TypeParamBound, WherePredicate,
};

use super::CallsError;

/// progenitor's builder of an operation.
pub(super) struct Inferred<'a> {
    operation: &'a str,
    builder: &'a ItemImpl,
}

impl<'a> Inferred<'a> {
    /// Of the operation with this builder.
    pub(super) fn of(output: &'a File, operation: &'a str, name: &str) -> Result<Self, CallsError> {
        let module = output.items.iter().find_map(|item| match item {
            Item::Mod(module) if module.ident == "builder" => module.content.as_ref(),
            _ => None,
        });
        let builder = module.into_iter().flat_map(|(_, items)| items).find_map(|item| match item {
            Item::Impl(block) if block.trait_.is_none() && super::is(&block.self_ty, name) => Some(block),
            _ => None,
        });
        let builder = builder.ok_or_else(|| missing(operation, "builder"))?;
        Ok(Self { operation, builder })
    }

    /// The type of a parameter, or of the body: `V: TryInto<Type>`.
    pub(super) fn parameter(&self, name: &str) -> Result<Type, CallsError> {
        let setter = self.function(name)?;
        let predicates = setter.sig.generics.where_clause.iter().flat_map(|clause| &clause.predicates);
        let bounds = predicates.filter_map(|predicate| match predicate {
            WherePredicate::Type(predicate) => Some(&predicate.bounds),
            _ => None,
        });
        let kind = bounds.flatten().find_map(|bound| match bound {
            TypeParamBound::Trait(bound) => {
                let segment = bound.path.segments.last().filter(|segment| segment.ident == "TryInto")?;
                generics(&segment.arguments).into_iter().next()
            }
            _ => None,
        });
        kind.cloned().ok_or_else(|| missing(self.operation, &format!("type of `{name}`")))
    }

    /// The types of a success and of an error response: `Result<ResponseValue<Success>, Error<Fault>>`.
    pub(super) fn outcome(&self) -> Result<[Type; 2], CallsError> {
        let send = self.function("send")?;
        let found = match &send.sig.output {
            ReturnType::Type(_, kind) => only_argument(kind).zip(generics_of(kind).into_iter().nth(1)),
            ReturnType::Default => None,
        };
        let types =
            found.and_then(|(value, error)| Some([only_argument(value)?.clone(), only_argument(error)?.clone()]));
        types.ok_or_else(|| missing(self.operation, "outcome"))
    }

    fn function(&self, name: &str) -> Result<&'a ImplItemFn, CallsError> {
        let function = self.builder.items.iter().find_map(|item| match item {
            ImplItem::Fn(function) if function.sig.ident == name => Some(function),
            _ => None,
        });
        function.ok_or_else(|| missing(self.operation, &format!("method `{name}`")))
    }
}

fn missing(operation: &str, what: &str) -> CallsError {
    CallsError::Missing { operation: operation.to_owned(), what: what.to_owned() }
}

/// The first argument of a generic type.
fn only_argument(kind: &Type) -> Option<&Type> {
    generics_of(kind).into_iter().next()
}

fn generics_of(kind: &Type) -> Vec<&Type> {
    match kind {
        Type::Path(path) => path.path.segments.last().map(|segment| generics(&segment.arguments)).unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn generics(arguments: &PathArguments) -> Vec<&Type> {
    let PathArguments::AngleBracketed(AngleBracketedGenericArguments { args, .. }) = arguments else {
        return Vec::new();
    };
    args.iter()
        .filter_map(|argument| match argument {
            GenericArgument::Type(kind) => Some(kind),
            _ => None,
        })
        .collect()
}
