#!/usr/bin/env python3
"""Calls all twenty operations of a running emulator with nothing but Python's standard library, and checks what comes back.

    pcorders emulate --no-bom | python3 .ci/emulator/client.py [--through http://127.0.0.1:4010]

`--through` names a proxy's address that replaces `{baseUrl}/v1`. The first line of standard input is the emulator's.
"""

import base64
import hashlib
import json
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
import uuid

CUSTOMER = "b0d70a69-4c42-4b27-b17b-91a835d8686a"
DOCUMENTED = [
    "YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1",
    "9qg-ErcO-4MPbPqq_3MIQaS7bn8W6HfG1",
    "eeba9d00-7b46-443a-917e-22887a8fc993",
]
RESOURCE = "https://api.partnercenter.microsoft.com"

LICENCE = "E59159FC-6F67-4599-B3CB-17FF4020F643"
SOFTWARE = "DG7GMGF0DWT0:0001:DG7GMGF0DSQR"
SAAS = "DZH318Z0BXWC:0002:DZH318Z0BMRV"
MAIL = "CFQ7TTC0LH16:0001:CFQ7TTC0K0QX"


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


OPENER = urllib.request.build_opener(NoRedirect)
emulator = json.loads(sys.stdin.readline())
THROUGH_PROXY = sys.argv[1:2] == ["--through"]
DIRECT = emulator["baseUrl"] + "/v1"
# Uploads go round the proxy: Prism takes every part of a multipart body for text, and so rejects any.
API = sys.argv[2] if THROUGH_PROXY else DIRECT


def call(method, url, body=None, headers=None):
    request = urllib.request.Request(url, data=body, method=method, headers=headers or {})
    try:
        with OPENER.open(request, timeout=30) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def read(content):
    return json.loads(content.decode("utf-8-sig"))


def expect(condition, what):
    if not condition:
        sys.exit(f"not as expected: {what}")


def token(path, **form):
    form = {"client_id": emulator["clientId"], "client_secret": emulator["clientSecret"], **form}
    form = {name: value for name, value in form.items() if value is not None}
    url = f"{emulator['authority']}/{emulator['tenant']}/{path}"
    status, _, content = call("POST", url, urllib.parse.urlencode(form).encode())
    expect(not content.startswith(b"\xef\xbb\xbf"), "no byte order mark from the identity platform")
    return status, json.loads(content)


def claims(access_token):
    part = access_token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def text(data):
    return base64.urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=").decode()


def sign_in():
    """Every way to sign in; gives a user's access token."""
    status, app = token("oauth2/token", grant_type="client_credentials", resource=RESOURCE)
    expect(status == 200 and app["expires_in"] == "3599" and "roles" in claims(app["access_token"]), "v1 app token")
    status, app = token("oauth2/v2.0/token", grant_type="client_credentials", scope=RESOURCE + "/.default")
    expect(status == 200 and app["expires_in"] == 3599, "v2 app token")
    status, user = token(
        "oauth2/token", grant_type="refresh_token", refresh_token=emulator["refreshToken"], resource=RESOURCE
    )
    content = claims(user["access_token"])
    expect(status == 200 and "mfa" in content["amr"] and content["scp"] == "user_impersonation", "user token")
    expect(content["aud"] == RESOURCE and content["tid"] == emulator["tenant"], "audience and tenant")
    expect(content["appid"] == emulator["clientId"] and content["exp"] > content["iat"], "application and end")
    expect(user["refresh_token"] != emulator["refreshToken"], "the refresh token rotates")

    verifier = "a-verifier-of-forty-three-characters-or-more-is-needed"
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "client_id": emulator["clientId"],
        "response_type": "code",
        "redirect_uri": "http://localhost:8400/",
        "scope": RESOURCE + "/user_impersonation offline_access openid",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "state": "s1",
    }
    tenant = f"{emulator['authority']}/{emulator['tenant']}"
    status, headers, _ = call("GET", f"{tenant}/oauth2/v2.0/authorize?{urllib.parse.urlencode(query)}")
    back = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(headers["location"]).query))
    expect(status == 302 and back["state"] == "s1", "the browser is sent back")
    grant = {"grant_type": "authorization_code", "code": back["code"], "redirect_uri": "http://localhost:8400/"}
    status, by_code = token("oauth2/v2.0/token", **grant, code_verifier=verifier)
    expect(status == 200 and "refresh_token" in by_code and "id_token" in by_code, "token for a code")
    status, again = token("oauth2/v2.0/token", **grant, code_verifier=verifier)
    expect(status == 400 and again["error"] == "invalid_grant", "a code serves once")

    form = {"client_id": emulator["clientId"], "scope": RESOURCE + "/user_impersonation offline_access"}
    _, _, content = call("POST", f"{tenant}/oauth2/v2.0/devicecode", urllib.parse.urlencode(form).encode())
    device = json.loads(content)
    grant = {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "device_code": device["device_code"],
        "client_secret": None,
    }
    status, pending = token("oauth2/v2.0/token", **grant)
    expect(status == 400 and pending["error"] == "authorization_pending", "the device waits for its user")
    status, _, _ = call("GET", f"{device['verification_uri']}?user_code={device['user_code']}")
    status, by_device = token("oauth2/v2.0/token", **grant)
    expect(status == 200 and "access_token" in by_device, "token for a device")

    own = {"iss": emulator["clientId"], "sub": emulator["clientId"], "aud": f"{tenant}/oauth2/v2.0/token", "exp": 4102444800}
    assertion = f"{text({'alg': 'RS256', 'typ': 'JWT'})}.{text(own)}.{text('signature')}"
    status, by_assertion = token(
        "oauth2/v2.0/token",
        grant_type="client_credentials",
        scope=RESOURCE + "/.default",
        client_secret=None,
        client_assertion_type="urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        client_assertion=assertion,
    )
    expect(status == 200, f"token for an assertion: {by_assertion}")

    _, _, content = call("GET", f"{tenant}/v2.0/.well-known/openid-configuration")
    found = json.loads(content)
    expect(found["token_endpoint"] == f"{tenant}/oauth2/v2.0/token", "discovery")
    _, _, content = call("GET", found["jwks_uri"])
    expect(json.loads(content)["keys"][0]["kty"] == "RSA", "keys")
    return user["access_token"]


TOKEN = sign_in()
seen = set()


def api(operation, method, path, body=None, status=200, headers=None, raw=False, base=API):
    own = {"Authorization": f"Bearer {TOKEN}", "Accept": "application/json", **(headers or {})}
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
        own["Content-Type"] = "application/json"
    found, response, content = call(method, base + path, body, own)
    expect(found == status, f"{operation} responds with {status}, not {found}: {content[:500]!r}")
    expect(not response.get_all("sl-violations"), f"{operation} is within the contract: {response.get('sl-violations')}")
    expect("ms-requestid" in response and "ms-correlationid" in response, f"{operation} has its ids")
    seen.add(operation)
    return content if raw else read(content)


JSON = {"Content-Type": "application/json"}


def pass_time(seconds):
    body = json.dumps({"advance": seconds}).encode()
    expect(call("POST", emulator["controlUrl"] + "/clock", body, JSON)[0] == 200, "the clock moves")


ORDERS = f"/customers/{CUSTOMER}/orders"
CARTS = f"/customers/{CUSTOMER}/carts"
SUBSCRIPTIONS = f"/customers/{CUSTOMER}/subscriptions"


def legacy_order():
    before = api("list_orders", "GET", ORDERS)
    expect([order["id"] for order in before["items"]][:3] == DOCUMENTED, "the three documented orders")
    line = {"lineItemNumber": 0, "offerId": LICENCE, "quantity": 5}
    new = {"referenceCustomerId": CUSTOMER, "billingCycle": "monthly", "lineItems": [line]}
    id = {"MS-RequestId": str(uuid.uuid4())}
    order = api("create_order", "POST", ORDERS, new, 201, id)
    again = api("create_order", "POST", ORDERS, new, 201, id)
    expect(again["id"] == order["id"], "the same request id gives the same order")
    pass_time(60)
    path = f"{ORDERS}/{order['id']}"
    order = api("get_order", "GET", path)
    line = order["lineItems"][0]
    expect(line["subscriptionId"] == line["subscriptionId"].upper(), "a legacy subscription's id is upper case")
    priced = api("get_order", "GET", path + "?include_price=true")
    expect("pricing" in priced["lineItems"][0] and "totalPrice" in priced, "prices on demand")
    same = api("update_order", "PATCH", path, order)
    expect(same["id"] == order["id"], "an order sent back changes nothing")
    status = api("get_order_provisioning_status", "GET", path + "/provisioningstatus")
    expect(status["items"][0]["status"].lower() == "fulfilled", "provisioned")
    found = api("list_subscriptions_by_order", "GET", f"{SUBSCRIPTIONS}?order_id={order['id']}")
    expect(found["totalCount"] == 1, "the order's subscription")
    subscription = f"{SUBSCRIPTIONS}/{line['subscriptionId']}"
    one = api("get_subscription", "GET", subscription)
    one["friendlyName"] = "renamed"
    expect(api("update_subscription", "PATCH", subscription, one)["friendlyName"] == "renamed", "renamed")
    status = api("get_subscription_provisioning_status", "GET", subscription + "/provisioningstatus")
    expect(status["status"] == "success", "the subscription is provisioned")
    api("get_order", "GET", ORDERS + "/unknown", status=404)


def attachments():
    # Prism passes bodies on as text.
    files = b"%PDF \r\n--not-a-boundary\r\n" if THROUGH_PROXY else b"\xef\xbb\xbf%PDF \x00\xff\r\n--not-a-boundary\r\n"
    parts = [
        b'--edge\r\nContent-Disposition: form-data; name="metadata"\r\nContent-Type: application/json\r\n\r\n'
        b'{"customerPrice":"1250.50","currency":"USD","isPartOfTender":false}\r\n',
        b'--edge\r\nContent-Disposition: form-data; name="POFiles"; filename="po.pdf"\r\n'
        b"Content-Type: application/pdf\r\n\r\n" + files + b"\r\n--edge--\r\n",
    ]
    path = f"{ORDERS}/{DOCUMENTED[0]}"
    form = {"Content-Type": "multipart/form-data; boundary=edge"}
    stored = api("upload_order_attachments", "POST", path + "/attachment", b"".join(parts), 201, form, base=DIRECT)
    listed = api("list_order_attachments", "GET", path + "/attachments")
    attachment = stored["items"][0]["attachmentId"]
    expect(attachment in [item["attachmentId"] for item in listed["items"]], "the attachment is listed")
    address = f"{path}/attachment/{attachment}"
    accept = {"Accept": "application/octet-stream"}
    back = api("download_order_attachment", "GET", address, headers=accept, raw=True)
    expect(back == files, "the attachment comes back byte for byte")


def carts():
    cart = {
        "lineItems": [
            {"id": 0, "catalogItemId": MAIL, "quantity": 3, "billingCycle": "annual", "termDuration": "P1Y"},
            {"id": 1, "catalogItemId": SAAS, "quantity": 1, "billingCycle": "monthly", "termDuration": "P1M"},
        ]
    }
    cart = api("create_cart", "POST", CARTS, cart, 201)
    path = f"{CARTS}/{cart['id']}"
    cart = api("get_cart", "GET", path)
    cart["lineItems"].append({"id": 2, "catalogItemId": SOFTWARE, "quantity": 2, "billingCycle": "one_time"})
    expect(len(api("update_cart", "PUT", path, cart, 201)["lineItems"]) == 3, "a third line")
    placed = api("checkout_cart", "POST", path + "/checkout", b"", 201)
    # What the .NET SDK sends as a body; the contract has none.
    body, kind = (b"", {}) if THROUGH_PROXY else (b'"success"', {"Content-Type": "application/json"})
    again = api("checkout_cart", "POST", path + "/checkout", body, 201, kind)
    expect([order["id"] for order in placed["orders"]] == [order["id"] for order in again["orders"]], "repeated")
    pass_time(60)
    orders = {order["lineItems"][0]["offerId"]: order["id"] for order in placed["orders"]}
    saas = f"{ORDERS}/{orders[SAAS]}"
    links = api("list_order_activation_links", "GET", saas + "/activationlinks")
    expect(links["totalCount"] == 1, "an activation link")
    api("list_line_item_activation_links", "GET", saas + "/lineitems/0/activationlinks")
    subscription = api("get_order", "GET", saas)["lineItems"][0]["subscriptionId"]
    api("list_subscription_activation_links", "GET", f"{SUBSCRIPTIONS}/{subscription}/activationlinks")
    change = json.dumps({"environment": "sandbox"}).encode()
    call("PATCH", emulator["controlUrl"] + "/settings", change, JSON)
    api("activate_sandbox_subscription", "POST", f"{SUBSCRIPTIONS}/{subscription}/activate", b"")
    call("PATCH", emulator["controlUrl"] + "/settings", json.dumps({"environment": "production"}).encode(), JSON)
    software = f"{ORDERS}/{orders[SOFTWARE]}"
    cancelled = api("update_order", "PATCH", software, {"id": orders[SOFTWARE], "status": "cancelled"})
    expect(cancelled["status"] == "cancelled", "software is cancelled")


legacy_order()
attachments()
carts()

expect(len(seen) == 20, f"all twenty operations, not {len(seen)}: {sorted(seen)}")
_, _, content = call("GET", emulator["controlUrl"] + "/violations")
expect(json.loads(content) == [], f"no response outside the contract: {content[:2000]!r}")
masked = json.loads(call("GET", emulator["controlUrl"] + "/exchanges")[2])
expect(not re.search(re.escape(TOKEN), json.dumps(masked)), "no token in the log")
print(f"twenty operations, {len(masked['exchanges'])} exchanges, nothing unexpected")
