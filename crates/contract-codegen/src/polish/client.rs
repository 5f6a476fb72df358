//! Passes over the client and the builders of its calls.

use contract::naming::pascal_case;
use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{
    Block, Expr, ExprStruct, File, ImplItem, Item, ItemMod, Lit, Member, Path, Stmt, UsePath, UseTree, parse_quote,
};

/// Visits everything but the types: most of the file, which holds no calls.
fn visit_calls(pass: &mut impl VisitMut, file: &mut File) {
    for item in &mut file.items {
        if !matches!(item, Item::Mod(module) if module.ident == "types") {
            pass.visit_item_mut(item);
        }
    }
}

/// Points every path at `progenitor_client` to the crate's own runtime.
pub(super) fn own_runtime(file: &mut File) -> usize {
    struct Pass(usize);
    impl VisitMut for Pass {
        fn visit_path_mut(&mut self, path: &mut Path) {
            if path.segments.first().is_some_and(|segment| segment.ident == "progenitor_client") {
                let rest = path.segments.iter().skip(1);
                *path = parse_quote!(crate::runtime::#(#rest)::*);
                self.0 += 1;
            }
            visit_mut::visit_path_mut(self, path);
        }

        fn visit_use_group_mut(&mut self, group: &mut syn::UseGroup) {
            // Only forms need it, and no operation sends one.
            group.items = std::mem::take(&mut group.items)
                .into_iter()
                .filter(|item| !matches!(item, UseTree::Name(name) if name.ident == "RequestBuilderExt"))
                .collect();
            visit_mut::visit_use_group_mut(self, group);
        }

        fn visit_use_tree_mut(&mut self, tree: &mut UseTree) {
            if let UseTree::Path(UsePath { ident, tree: rest, .. }) = tree
                && ident == "progenitor_client"
            {
                *tree = parse_quote!(crate::runtime::#rest);
                self.0 += 1;
            }
            visit_mut::visit_use_tree_mut(self, tree);
        }
    }
    let mut pass = Pass(0);
    pass.visit_file_mut(file);
    pass.0
}

/// Takes the statement that adds the `api-version` header out of each call, and the whole map where it stays empty.
pub(super) fn api_version_header_off(file: &mut File) -> usize {
    struct Pass(usize);
    impl VisitMut for Pass {
        fn visit_block_mut(&mut self, block: &mut Block) {
            let before = block.stmts.len();
            block.stmts.retain(|statement| !is_api_version(statement));
            if block.stmts.len() != before {
                self.0 += 1;
                if !block.stmts.iter().any(appends_header) {
                    block.stmts.retain(|statement| !declares(statement, "header_map"));
                    HeadersOff.visit_block_mut(block);
                }
            }
            visit_mut::visit_block_mut(self, block);
        }
    }
    /// Replaces `x.headers(header_map)` by `x`.
    struct HeadersOff;
    impl VisitMut for HeadersOff {
        fn visit_expr_mut(&mut self, expression: &mut Expr) {
            if let Expr::MethodCall(call) = expression
                && call.method == "headers"
                && call.args.first().is_some_and(|argument| argument.to_token_stream().to_string() == "header_map")
            {
                *expression = (*call.receiver).clone();
            }
            visit_mut::visit_expr_mut(self, expression);
        }
    }
    fn is_api_version(statement: &Stmt) -> bool {
        matches!(statement, Stmt::Expr(Expr::MethodCall(call), _)
            if call.method == "append" && call.args.to_token_stream().to_string().contains("\"api-version\""))
    }
    fn appends_header(statement: &Stmt) -> bool {
        statement.to_token_stream().to_string().contains("header_map . append")
    }
    fn declares(statement: &Stmt, name: &str) -> bool {
        matches!(statement, Stmt::Local(local) if local.pat.to_token_stream().to_string().ends_with(name))
    }
    let mut pass = Pass(0);
    visit_calls(&mut pass, file);
    pass.0
}

/// Replaces the operation's name by its variant: `OperationInfo::new(crate::Operation::GetOrder)`.
pub(super) fn operations_typed(file: &mut File) -> usize {
    type_operations(file, &format_ident!("new"))
}

/// As [`operations_typed`], for calls whose body is a stream.
pub(super) fn streams_typed(file: &mut File) -> usize {
    type_operations(file, &format_ident!("streaming"))
}

fn type_operations(file: &mut File, constructor: &syn::Ident) -> usize {
    struct Pass<'a>(usize, &'a syn::Ident);
    impl VisitMut for Pass<'_> {
        fn visit_expr_mut(&mut self, expression: &mut Expr) {
            if let Expr::Struct(ExprStruct { path, fields, .. }) = expression
                && path.is_ident("OperationInfo")
                && let Some(field) = fields.first()
                && matches!(&field.member, Member::Named(name) if name == "operation_id")
                && let Expr::Lit(literal) = &field.expr
                && let Lit::Str(id) = &literal.lit
            {
                let id = id.value();
                let variant = format_ident!("{}", pascal_case(&id));
                let constructor = self.1;
                *expression = parse_quote!(OperationInfo::#constructor(crate::Operation::#variant));
                self.0 += 1;
            }
            visit_mut::visit_expr_mut(self, expression);
        }
    }
    let mut pass = Pass(0, constructor);
    visit_calls(&mut pass, file);
    pass.0
}

/// Lets `encode_path` reject a segment: `encode_path(&id)?`.
///
/// The calls are among the arguments of `format!`, which is tokens to syn.
pub(super) fn path_segments_checked(file: &mut File) -> usize {
    struct Pass(usize);
    impl VisitMut for Pass {
        fn visit_macro_mut(&mut self, call: &mut syn::Macro) {
            if call.path.is_ident("format") {
                call.tokens = self.check(call.tokens.clone());
            }
        }
    }
    impl Pass {
        fn check(&mut self, tokens: TokenStream) -> TokenStream {
            let mut out = Vec::new();
            let mut after_name = false;
            for token in tokens {
                let is_call = after_name && matches!(&token, TokenTree::Group(_));
                after_name = matches!(&token, TokenTree::Ident(name) if name == "encode_path");
                out.push(match token {
                    TokenTree::Group(group) if !is_call => {
                        TokenTree::Group(Group::new(group.delimiter(), self.check(group.stream())))
                    }
                    other => other,
                });
                if is_call {
                    self.0 += 1;
                    out.extend(quote!(?));
                }
            }
            out.into_iter().collect()
        }
    }
    let mut pass = Pass(0);
    visit_calls(&mut pass, file);
    pass.0
}

/// Drops the constructor that builds an HTTP client of its own with fixed timeouts and an `unwrap`.
pub(super) fn client_construction(file: &mut File) -> usize {
    let mut changed = 0;
    for item in &mut file.items {
        let Item::Impl(block) = item else { continue };
        if block.trait_.is_some() || block.self_ty.to_token_stream().to_string() != "Client" {
            continue;
        }
        block.items.retain(|item| {
            let drops = matches!(item, ImplItem::Fn(function) if function.sig.ident == "new");
            changed += usize::from(drops);
            !drops
        });
        for item in &mut block.items {
            if let ImplItem::Fn(function) = item
                && function.sig.ident == "new_with_client"
            {
                function.attrs = vec![
                    parse_quote!(#[doc = " A client that builds its requests with `client` and sends them through `inner`."]),
                    parse_quote!(#[doc = ""]),
                    parse_quote!(#[doc = " `baseurl` has a scheme, a host and the path down to the API's version, without a slash at its end:"]),
                    parse_quote!(#[doc = " `https://api.partnercenter.microsoft.com/v1`."]),
                ];
            }
        }
    }
    changed
}

/// Leaves of the three hooks of each call the one that exchanges request for response.
pub(super) fn one_hook(file: &mut File) -> usize {
    struct Pass(usize);
    impl VisitMut for Pass {
        fn visit_block_mut(&mut self, block: &mut Block) {
            let before = block.stmts.len();
            block.stmts.retain(|statement| {
                let text = statement.to_token_stream().to_string();
                !text.starts_with("client . pre (") && !text.starts_with("client . post (")
            });
            if block.stmts.len() != before {
                self.0 += 1;
                for statement in &mut block.stmts {
                    let text = statement.to_token_stream().to_string().replace(' ', "");
                    if text == "letresponse=result?;" {
                        *statement = parse_quote!(let response = client.exec(request, &info).await?;);
                    } else if text.contains("letmutrequest=") {
                        NotMutable.visit_stmt_mut(statement);
                    }
                }
                block.stmts.retain(|statement| {
                    !statement.to_token_stream().to_string().starts_with("let result = client . exec")
                });
            }
            visit_mut::visit_block_mut(self, block);
        }
    }
    struct NotMutable;
    impl VisitMut for NotMutable {
        fn visit_local_mut(&mut self, local: &mut syn::Local) {
            local.attrs.clear();
            if let syn::Pat::Ident(name) = &mut local.pat {
                name.mutability = None;
            }
        }
    }
    let mut pass = Pass(0);
    visit_calls(&mut pass, file);
    pass.0
}

/// Boxes what an error holds: `Error::ErrorResponse(x)` becomes `Error::ErrorResponse(Box::new(x))`.
pub(super) fn errors_boxed(file: &mut File) -> usize {
    struct Pass(usize);
    impl VisitMut for Pass {
        fn visit_expr_call_mut(&mut self, call: &mut syn::ExprCall) {
            let function = call.func.to_token_stream().to_string().replace(' ', "");
            if function == "Error::ErrorResponse" || function == "Error::UnexpectedResponse" {
                for argument in &mut call.args {
                    *argument = parse_quote!(Box::new(#argument));
                    self.0 += 1;
                }
            }
            visit_mut::visit_expr_call_mut(self, call);
        }
    }
    let mut pass = Pass(0);
    visit_calls(&mut pass, file);
    pass.0
}

/// Drops the `prelude`, which would only name the client a second time.
pub(super) fn prelude_off(file: &mut File) -> usize {
    let before = file.items.len();
    file.items.retain(|item| !matches!(item, Item::Mod(module) if module.ident == "prelude"));
    before - file.items.len()
}

/// Rewrites `conversion to `:: uuid :: Uuid` for customer_id failed` as a sentence about the value.
pub(super) fn plain_conversion_errors(file: &mut File) -> usize {
    struct Pass(usize);
    impl VisitMut for Pass {
        fn visit_lit_str_mut(&mut self, literal: &mut syn::LitStr) {
            let text = literal.value();
            let Some((kind, name)) = text
                .strip_prefix("conversion to `")
                .and_then(|rest| rest.strip_suffix(" failed"))
                .and_then(|rest| rest.split_once("` for "))
            else {
                return;
            };
            let kind = kind.replace(' ', "");
            let kind = kind.rsplit("::").next().unwrap_or_default().trim_end_matches('>').to_owned();
            *literal = syn::LitStr::new(&format!("the value for {name} is no {kind}"), literal.span());
            self.0 += 1;
        }
    }
    let mut pass = Pass(0);
    visit_calls(&mut pass, file);
    pass.0
}

/// Keeps of a second client what its streaming calls need, as methods named `stream_…` of the first one.
pub(super) fn streaming_only(file: &mut File) -> usize {
    let mut kept = 0;
    let items = std::mem::take(&mut file.items);
    file.items = vec![
        parse_quote!(
            use super::client::{Client, types};
        ),
        parse_quote!(
            use crate::runtime::{ByteStream, ClientHooks, Error, OperationInfo, ResponseValue, encode_path};
        ),
    ];
    for item in items {
        match item {
            Item::Impl(mut block)
                if block.trait_.is_none()
                    && block.self_ty.to_token_stream().to_string() == "Client"
                    && block.items.iter().any(is_call_builder) =>
            {
                for item in &mut block.items {
                    if let ImplItem::Fn(function) = item {
                        function.sig.ident = format_ident!("stream_{}", function.sig.ident);
                        kept += 1;
                    }
                }
                file.items.push(Item::Impl(block));
            }
            Item::Mod(module) if module.ident == "builder" => file.items.push(Item::Mod(builders_of_variants(module))),
            _ => {}
        }
    }
    kept
}

/// Lets each call send that it accepts JSON: to progenitor a stream may be anything, and so it asks for nothing.
pub(super) fn json_accepted(file: &mut File) -> usize {
    struct Pass(usize);
    impl VisitMut for Pass {
        fn visit_expr_mut(&mut self, expression: &mut Expr) {
            visit_mut::visit_expr_mut(self, expression);
            if let Expr::MethodCall(call) = expression
                && call.receiver.to_token_stream().to_string() == "client . client"
            {
                *expression = parse_quote!(#call.header(
                    ::reqwest::header::ACCEPT,
                    ::reqwest::header::HeaderValue::from_static("application/json"),
                ));
                self.0 += 1;
            }
        }
    }
    let mut pass = Pass(0);
    visit_calls(&mut pass, file);
    pass.0
}

fn is_call_builder(item: &ImplItem) -> bool {
    matches!(item, ImplItem::Fn(function) if function.sig.output.to_token_stream().to_string().contains("builder ::"))
}

fn builders_of_variants(mut module: ItemMod) -> ItemMod {
    if let Some((_, items)) = &mut module.content {
        items.retain(|item| !matches!(item, Item::Use(_)));
        items.insert(
            0,
            parse_quote!(
                use super::{ByteStream, ClientHooks, Error, OperationInfo, ResponseValue, encode_path, types};
            ),
        );
    }
    module
}

#[cfg(test)]
mod tests {
    use super::super::after;
    use super::*;

    #[test]
    fn nothing_refers_to_progenitors_client_crate_any_more() {
        let code = "use progenitor_client::{Error, ByteStream}; fn f() { progenitor_client::QueryParam::new(1); }";
        let polished = after(own_runtime, code);
        assert!(!polished.contains("progenitor_client"), "{polished}");
        assert!(polished.contains("use crate::runtime::{Error, ByteStream};"), "{polished}");
        assert!(polished.contains("crate::runtime::QueryParam::new(1)"), "{polished}");
    }

    const CALL: &str = r#"fn f() {
        let mut header_map = HeaderMap::with_capacity(2usize);
        header_map.append(HeaderName::from_static("api-version"), HeaderValue::from_static("1"));
        if let Some(value) = if_match { header_map.append("If-Match", value); }
        let request = client.get(url).headers(header_map).build();
    }"#;

    #[test]
    fn the_api_version_header_goes_and_others_stay() {
        let polished = after(api_version_header_off, CALL);
        assert!(!polished.contains("api-version"), "{polished}");
        assert!(polished.contains("If-Match") && polished.contains(".headers(header_map)"), "{polished}");
    }

    #[test]
    fn an_empty_header_map_goes_too() {
        let without = CALL.replace("if let Some(value) = if_match { header_map.append(\"If-Match\", value); }", "");
        let polished = after(api_version_header_off, &without);
        assert!(!polished.contains("header_map"), "{polished}");
        assert!(polished.contains("client.get(url).build()"), "{polished}");
    }

    #[test]
    fn the_operation_is_a_variant() {
        let code = r#"fn f() { let info = OperationInfo { operation_id: "get_order" }; }"#;
        assert!(after(operations_typed, code).contains("OperationInfo::new(crate::Operation::GetOrder)"));
        assert!(after(streams_typed, code).contains("OperationInfo::streaming(crate::Operation::GetOrder)"));
    }

    #[test]
    fn every_path_segment_can_be_rejected() {
        let code =
            r#"fn f() { let url = format!("{}/a/{}/b/{}", base, encode_path(&a.to_string()), encode_path(&b)); }"#;
        let polished = after(path_segments_checked, code).replace(char::is_whitespace, "");
        assert!(polished.contains("encode_path(&a.to_string())?,encode_path(&b)?"), "{polished}");
    }

    #[test]
    fn no_constructor_unwraps() {
        let code = "impl Client { pub fn new() -> Self { b.build().unwrap() } pub fn new_with_client() -> Self { x } }";
        let polished = after(client_construction, code);
        assert!(!polished.contains("unwrap") && polished.contains("new_with_client"), "{polished}");
    }

    #[test]
    fn a_call_passes_the_seam_once() {
        let code = "async fn f() {
            #[allow(unused_mut)]
            let mut request = client.client.get(url).build()?;
            client.pre(&mut request, &info).await?;
            let result = client.exec(request, &info).await;
            client.post(&result, &info).await?;
            let response = result?;
        }";
        let polished = after(one_hook, code);
        assert!(polished.contains("let response = client.exec(request, &info).await?;"), "{polished}");
        assert!(!polished.contains("result") && !polished.contains("mut"), "{polished}");
    }

    #[test]
    fn an_error_is_no_burden_to_a_success() {
        let code = "fn f() { Err(Error::ErrorResponse(x)); Err(Error::UnexpectedResponse(response)) }";
        let polished = after(errors_boxed, code);
        assert!(polished.contains("Error::ErrorResponse(Box::new(x))"), "{polished}");
        assert!(polished.contains("Error::UnexpectedResponse(Box::new(response))"), "{polished}");
    }

    #[test]
    fn the_prelude_goes() {
        assert!(
            !after(prelude_off, "pub mod prelude { pub use self::super::Client; } pub mod types {}")
                .contains("prelude")
        );
    }

    #[test]
    fn a_wrong_value_is_named_in_plain_words() {
        let code = r#"fn f() { e("conversion to `:: uuid :: Uuid` for customer_id failed") }"#;
        assert!(after(plain_conversion_errors, code).contains("the value for customer_id is no Uuid"));
    }

    #[test]
    fn a_streamed_list_is_asked_for_as_json() {
        let code = "fn f() { let request = client.client.get(url).query(&q).build()?; }";
        let polished = after(json_accepted, code).replace(char::is_whitespace, "");
        let header =
            "header(::reqwest::header::ACCEPT,::reqwest::header::HeaderValue::from_static(\"application/json\")";
        assert!(polished.contains(&format!("client.client.get(url).{header}")), "{polished}");
        assert!(polished.contains(".query(&q).build()?"), "{polished}");
        assert_eq!(polished.matches("ACCEPT").count(), 1, "{polished}");
    }

    #[test]
    fn of_the_streaming_variants_only_the_calls_are_kept() {
        let code = "pub struct Client; pub mod types {} impl Client { pub fn new() {} }
            impl Client { pub fn list_orders(&self) -> builder::ListOrders<'_> { x } }
            pub mod builder { use super::types; pub struct ListOrders; }";
        let polished = after(streaming_only, code);
        assert!(polished.contains("fn stream_list_orders"), "{polished}");
        assert!(!polished.contains("struct Client") && !polished.contains("mod types"), "{polished}");
    }
}
