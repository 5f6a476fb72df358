//! JSON Web Tokens, signed with RS256 as Microsoft Entra does.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, PublicKeyComponents};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// The name of the signing key in headers and in the published keys.
const KEY_ID: &str = "partner-center-emulator";

/// The key that every emulator signs with. It protects nothing and is public with this crate: generating one for each
/// emulator would take seconds.
static KEY: LazyLock<KeyPair> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the key is part of the crate, and every test signs with it")]
    KeyPair::from_pkcs8(include_bytes!("signing-key.pk8")).expect("the signing key is valid")
});

/// Signs claims. The same claims result in the same token.
pub(crate) fn sign(claims: &impl Serialize) -> String {
    let header = json!({"typ": "JWT", "alg": "RS256", "kid": KEY_ID, "x5t": KEY_ID});
    let mut token = URL_SAFE_NO_PAD.encode(header.to_string());
    token.push('.');
    token.push_str(&URL_SAFE_NO_PAD.encode(serde_json::to_vec(claims).unwrap_or_default()));
    let mut signature = vec![0; KEY.public().modulus_len()];
    #[expect(
        clippy::expect_used,
        reason = "signing fails only for a buffer of the wrong length, which this one isn't"
    )]
    KEY.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), token.as_bytes(), &mut signature).expect("the buffer fits");
    token.push('.');
    token.push_str(&URL_SAFE_NO_PAD.encode(signature));
    token
}

/// Returns the claims of a token, if this key has signed it.
pub(crate) fn verify<Claims: DeserializeOwned>(token: &str) -> Option<Claims> {
    let (message, signature) = token.rsplit_once('.')?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    let key: PublicKeyComponents<Vec<u8>> = KEY.public().into();
    key.verify(&RSA_PKCS1_2048_8192_SHA256, message.as_bytes(), &signature).ok()?;
    let (_, claims) = message.split_once('.')?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
}

/// A token of another issuer: header, claims, and the signed part with its signature.
pub(crate) struct UnverifiedToken<'a> {
    pub(crate) header: Value,
    pub(crate) claims: Value,
    pub(crate) message: &'a str,
    pub(crate) signature: Vec<u8>,
}

/// Parses a token without verifying its signature.
pub(crate) fn parse_unverified(token: &str) -> Option<UnverifiedToken<'_>> {
    let (message, signature) = token.rsplit_once('.')?;
    let (header, claims) = message.split_once('.')?;
    let json = |part: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
    Some(UnverifiedToken {
        header: json(header)?,
        claims: json(claims)?,
        message,
        signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
    })
}

/// Returns the public key as a JSON Web Key Set.
pub(crate) fn published_keys() -> Value {
    let key: PublicKeyComponents<Vec<u8>> = KEY.public().into();
    json!({"keys": [{
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": KEY_ID,
        "x5t": KEY_ID,
        "n": URL_SAFE_NO_PAD.encode(key.n),
        "e": URL_SAFE_NO_PAD.encode(key.e),
    }]})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_token_is_not_verified() {
        let token = sign(&json!({"aud": "x"}));
        assert_eq!(verify::<Value>(&token), Some(json!({"aud": "x"})));
        let other = sign(&json!({"aud": "y"}));
        let mixed = format!("{}.{}", token.rsplit_once('.').unwrap().0, other.rsplit_once('.').unwrap().1);
        assert_eq!(verify::<Value>(&mixed), None);
    }

    #[test]
    fn malformed_tokens_are_not_verified() {
        for token in ["", ".", "..", "a.b.c", "Bearer"] {
            assert_eq!(verify::<Value>(token), None, "{token}");
        }
    }

    #[test]
    fn signing_is_deterministic() {
        assert_eq!(sign(&json!({"aud": "x"})), sign(&json!({"aud": "x"})));
    }
}
