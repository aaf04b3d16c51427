//! From the type to its implementation, or to an error at the place that is wrong.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, LitStr, parse_quote};

use crate::grammar::{self, Kind};

pub(crate) fn expand(input: TokenStream) -> syn::Result<TokenStream> {
    let mut input: DeriveInput = syn::parse2(input)?;
    let topic = topic_of(&input)?;
    grammar::check(&topic.value(), Kind::Topic).map_err(|fault| syn::Error::new(topic.span(), fault))?;

    if !input.generics.params.is_empty() {
        // What the trait asks of the type, asked of its parameters: else none could be used with it.
        input.generics.make_where_clause().predicates.push(parse_quote!(Self: Send + Sync + 'static));
    }
    let ident = &input.ident;
    let (parameters, arguments, conditions) = input.generics.split_for_impl();
    Ok(quote! {
        #[automatically_derived]
        impl #parameters ::capstone_bus::events::Event for #ident #arguments #conditions {
            const TOPIC: &'static str = #topic;
        }
    })
}

fn topic_of(input: &DeriveInput) -> syn::Result<LitStr> {
    let mut topic = None;
    for attribute in input.attrs.iter().filter(|attribute| attribute.path().is_ident("event")) {
        attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("topic") {
                return Err(meta.error("unknown option; there is only `topic = \"…\"`"));
            }
            let text: LitStr = meta.value()?.parse()?;
            if topic.replace(text).is_some() {
                return Err(meta.error("an event has one topic, here is another"));
            }
            Ok(())
        })?;
    }
    topic.ok_or_else(|| {
        let what = format!("`{}` has no topic: add #[event(topic = \"…\")]", input.ident);
        syn::Error::new(input.ident.span(), what)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn expands(input: TokenStream, expected: TokenStream) {
        // rustfmt ends a list of conditions with a comma, which means nothing.
        let text = |tokens: TokenStream| tokens.to_string().replace(", {", "{").replace(" {", "{");
        assert_eq!(text(expand(input).expect("an event")), text(expected));
    }

    #[track_caller]
    fn refused(input: TokenStream, expected: &str) {
        assert_eq!(expand(input).expect_err("no event").to_string(), expected);
    }

    #[test]
    fn a_topic_becomes_the_constant() {
        expands(
            quote!(
                #[derive(Debug)]
                #[event(topic = "orders.created")]
                struct OrderCreated {
                    order: u64,
                }
            ),
            quote!(
                #[automatically_derived]
                impl ::capstone_bus::events::Event for OrderCreated {
                    const TOPIC: &'static str = "orders.created";
                }
            ),
        );
    }

    #[test]
    fn parameters_and_their_conditions_stay() {
        expands(
            quote!(
                #[event(topic = "changed")]
                enum Changed<T: Clone, const N: usize>
                where
                    T: Copy,
                {
                    To([T; N]),
                }
            ),
            quote! {
                #[automatically_derived]
                impl<T: Clone, const N: usize> ::capstone_bus::events::Event for Changed<T, N>
                where
                    T: Copy,
                    Self: Send + Sync + 'static
                {
                    const TOPIC: &'static str = "changed";
                }
            },
        );
    }

    #[test]
    fn an_error_says_what_to_write() {
        refused(
            quote!(
                struct A;
            ),
            "`A` has no topic: add #[event(topic = \"…\")]",
        );
        refused(
            quote!(
                #[event()]
                struct A;
            ),
            "`A` has no topic: add #[event(topic = \"…\")]",
        );
        refused(
            quote!(
                #[event(topic = "a", topic = "b")]
                struct A;
            ),
            "an event has one topic, here is another",
        );
        refused(
            quote!(
                #[event(name = "a")]
                struct A;
            ),
            "unknown option; there is only `topic = \"…\"`",
        );
        refused(
            quote!(
                #[event(topic = 7)]
                struct A;
            ),
            "expected string literal",
        );
        refused(
            quote!(
                #[event(topic = "a..b")]
                struct A;
            ),
            r#"topic "a..b": token 2 is empty"#,
        );
        refused(
            quote!(
                #[event(topic = "orders.*")]
                struct A;
            ),
            r#"topic "orders.*": token 2 is the wildcard "*", which only a pattern may have"#,
        );
    }
}
