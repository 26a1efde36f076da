//! The caller of a canister, and its private key.

use candid::Principal;
use ed25519_dalek::SigningKey;
use graven_look::canister::CanisterError;
use ic_transport_types::EnvelopeContent;
use k256::ecdsa::Signature;
use k256::ecdsa::signature::Signer as _;
use k256::pkcs8::{AssociatedOid as _, DecodePrivateKey as _, EncodePublicKey as _};
use k256::{Secp256k1, SecretKey};

/// The beginning of an Ed25519 key that an old `dfx` wrote. The public key after the private one
/// has a tag of another kind than the standard's, so that decoders refuse it.
pub(super) const OLD_DFX: [u8; 16] =
    [0x30, 0x53, 0x02, 0x01, 0x01, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// A caller, with its public key in DER.
pub(crate) enum Identity {
    Anonymous,
    Ed25519(Box<SigningKey>, Vec<u8>),
    Secp256k1(Box<k256::ecdsa::SigningKey>, Vec<u8>),
}

/// The signature of a request, and the public key in DER that verifies it.
pub(crate) struct Signed {
    pub(crate) public_key: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}

impl Identity {
    /// Reads a private key of Ed25519 or secp256k1 in PEM: PKCS #8, or SEC 1 as `dfx` and `icp`
    /// write it.
    ///
    /// # Errors
    /// A line that says why there is none.
    pub(crate) fn from_pem(text: &str) -> Result<Identity, CanisterError> {
        let refused = |why| CanisterError::other(&format!("the file of the key {why}"));
        let blocks = pem::parse_many(text).map_err(|error| refused(format!("is no PEM: {error}")))?;
        for block in &blocks {
            let key = match block.tag() {
                "PRIVATE KEY" => pkcs8(block.contents()),
                "EC PRIVATE KEY" => sec1(block.contents()),
                "ENCRYPTED PRIVATE KEY" => return Err(refused("is encrypted: decrypt it first".to_owned())),
                _ => continue,
            };
            let why = "has a damaged key, or one of another kind than Ed25519 and secp256k1";
            return key.ok_or_else(|| refused(why.to_owned()));
        }
        Err(refused("has no private key in PEM".to_owned()))
    }

    /// Returns the caller as canisters see it.
    pub(crate) fn sender(&self) -> Principal {
        self.public_key().map_or_else(Principal::anonymous, Principal::self_authenticating)
    }

    /// Signs a request. Returns `None` if the caller is anonymous.
    pub(crate) fn sign(&self, content: &EnvelopeContent) -> Option<Signed> {
        let message = content.to_request_id().signable();
        let signature = match self {
            Identity::Anonymous => return None,
            Identity::Ed25519(key, _) => key.sign(&message).to_vec(),
            Identity::Secp256k1(key, _) => {
                let signature: Signature = key.sign(&message);
                signature.to_bytes().to_vec()
            }
        };
        Some(Signed { public_key: self.public_key()?, signature })
    }

    /// Returns the public key in DER.
    fn public_key(&self) -> Option<Vec<u8>> {
        match self {
            Identity::Anonymous => None,
            Identity::Ed25519(_, public_key) | Identity::Secp256k1(_, public_key) => Some(public_key.clone()),
        }
    }
}

fn pkcs8(der: &[u8]) -> Option<Identity> {
    if let Some(seed) = der.strip_prefix(&OLD_DFX).and_then(<[u8]>::first_chunk) {
        return ed25519(SigningKey::from_bytes(seed));
    }
    match SigningKey::from_pkcs8_der(der) {
        Ok(key) => ed25519(key),
        Err(_) => secp256k1(SecretKey::from_pkcs8_der(der).ok()?),
    }
}

fn ed25519(key: SigningKey) -> Option<Identity> {
    let public_key = key.verifying_key().to_public_key_der().ok()?.into_vec();
    Some(Identity::Ed25519(Box::new(key), public_key))
}

fn sec1(der: &[u8]) -> Option<Identity> {
    let key = sec1::EcPrivateKey::try_from(der).ok()?;
    // The conversion does not look at the name of the curve.
    let curve = key.parameters.and_then(sec1::EcParameters::named_curve);
    if curve.is_some_and(|curve| curve != Secp256k1::OID) {
        return None;
    }
    secp256k1(key.try_into().ok()?)
}

fn secp256k1(key: SecretKey) -> Option<Identity> {
    let public_key = key.public_key().to_public_key_der().ok()?.into_vec();
    Some(Identity::Secp256k1(Box::new(key.into()), public_key))
}
