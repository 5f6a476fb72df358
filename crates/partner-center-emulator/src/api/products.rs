//! Products: enough for clients that look up an offer before they order it, or follow an order's links.

use http::StatusCode;
use serde_json::{Value, json};

use super::call::Call;
use super::collection::Collection;
use crate::catalog::{Catalog, CatalogItem};
use crate::error_response::ErrorResponse;
use crate::settings::UnknownItems;
use crate::wire::response::BufferedResponse;

/// Returns the items of the product at this position of the path.
fn items(catalog: &Catalog, call: &Call<'_>, position: usize) -> Result<Vec<CatalogItem>, ErrorResponse> {
    let product = call.parameter(position);
    let items = catalog.of_product(product);
    if !items.is_empty() {
        return Ok(items);
    }
    let derived = match call.settings.unknown_items {
        UnknownItems::Sold => derived(catalog, product, call.parameter(position + 1)),
        UnknownItems::Refused => None,
    };
    derived.map(|item| vec![item]).ok_or_else(ErrorResponse::unknown_address)
}

/// Returns an item of a product that is not in the catalog: the legacy offer that the path names as SKU, or one in the
/// modern format.
fn derived(catalog: &Catalog, product: &str, sku: &str) -> Option<CatalogItem> {
    let offer = catalog.find_or_derive(sku).filter(|item| item.parts().product.eq_ignore_ascii_case(product));
    let sku = if sku.is_empty() { "0001" } else { sku };
    offer.or_else(|| catalog.find_or_derive(&format!("{product}:{sku}:{product}")))
}

fn items_of_sku(catalog: &Catalog, call: &Call<'_>, position: usize) -> Result<Vec<CatalogItem>, ErrorResponse> {
    let mut items = items(catalog, call, position)?;
    items.retain(|item| item.parts().sku.eq_ignore_ascii_case(call.parameter(position + 1)));
    if items.is_empty() { Err(ErrorResponse::unknown_address()) } else { Ok(items) }
}

pub(super) fn product(catalog: &Catalog, call: &Call<'_>, position: usize) -> Result<BufferedResponse, ErrorResponse> {
    let items = items(catalog, call, position)?;
    let product = json!({
        "id": items[0].parts().product,
        "title": items[0].title,
        "description": items[0].title,
        "isMicrosoftProduct": items[0].kind != crate::catalog::ItemKind::Saas,
        "links": {"self": link(&format!("/products/{}", items[0].parts().product))},
        "attributes": {"objectType": "Product"},
    });
    Ok(BufferedResponse::json(StatusCode::OK, &product))
}

pub(super) fn skus(catalog: &Catalog, call: &Call<'_>, position: usize) -> Result<BufferedResponse, ErrorResponse> {
    let mut skus: Vec<Value> = items(catalog, call, position)?.iter().map(shown_sku).collect();
    skus.dedup_by(|left, right| left["id"] == right["id"]);
    Ok(BufferedResponse::json(StatusCode::OK, &Collection::new(skus)))
}

pub(super) fn sku(catalog: &Catalog, call: &Call<'_>, position: usize) -> Result<BufferedResponse, ErrorResponse> {
    Ok(BufferedResponse::json(StatusCode::OK, &shown_sku(&items_of_sku(catalog, call, position)?[0])))
}

pub(super) fn availabilities(
    catalog: &Catalog,
    call: &Call<'_>,
    position: usize,
) -> Result<BufferedResponse, ErrorResponse> {
    let items = items_of_sku(catalog, call, position)?;
    Ok(BufferedResponse::json(StatusCode::OK, &Collection::new(items.iter().map(shown_availability).collect())))
}

pub(super) fn availability(
    catalog: &Catalog,
    call: &Call<'_>,
    position: usize,
) -> Result<BufferedResponse, ErrorResponse> {
    let wanted = call.parameter(position + 2);
    let items = items_of_sku(catalog, call, position)?;
    let item = items
        .iter()
        .find(|item| item.parts().availability.is_some_and(|id| id.eq_ignore_ascii_case(wanted)))
        .ok_or_else(ErrorResponse::unknown_address)?;
    Ok(BufferedResponse::json(StatusCode::OK, &shown_availability(item)))
}

pub(super) fn offer(catalog: &Catalog, call: &Call<'_>) -> Result<BufferedResponse, ErrorResponse> {
    let item = catalog
        .find(call.parameter(0))
        .filter(|item| item.kind.is_legacy())
        .ok_or_else(ErrorResponse::unknown_address)?;
    let offer = json!({
        "id": item.id,
        "name": item.title,
        "description": item.title,
        "minimumQuantity": 1,
        "maximumQuantity": item.maximum,
        "product": {"id": item.parts().product, "name": item.title},
        "links": {"self": link(&format!("/offers/{}", item.id))},
        "attributes": {"objectType": "Offer"},
    });
    Ok(BufferedResponse::json(StatusCode::OK, &offer))
}

fn shown_sku(item: &CatalogItem) -> Value {
    let parts = item.parts();
    let path = format!("/products/{}/skus/{}", parts.product, parts.sku);
    json!({
        "id": parts.sku,
        "productId": parts.product,
        "title": item.title,
        "description": item.title,
        "minimumQuantity": 1,
        "maximumQuantity": item.maximum,
        "isTrial": false,
        "supportedBillingCycles": [item.kind.default_billing_cycle()],
        "links": {"availabilities": link(&format!("{path}/availabilities")), "self": link(&path)},
        "attributes": {"objectType": "Sku"},
    })
}

fn shown_availability(item: &CatalogItem) -> Value {
    let parts = item.parts();
    let id = parts.availability.unwrap_or_else(|| parts.sku.clone());
    json!({
        "id": id,
        "productId": parts.product,
        "skuId": parts.sku,
        "catalogItemId": item.id,
        "isPurchasable": item.line_error.is_none(),
        "links": {"self": link(&format!("/products/{}/skus/{}/availabilities/{id}", parts.product, parts.sku))},
        "attributes": {"objectType": "Availability"},
    })
}

fn link(uri: &str) -> Value {
    json!({"uri": uri, "method": "GET", "headers": []})
}
