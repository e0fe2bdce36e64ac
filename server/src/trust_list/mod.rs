//! The network's signed white list: which DRIMboxes there are, and by which certificate each is known.

mod age;
mod authorities;
pub mod document;
mod error;
mod fetch;
mod guard;
mod keeper;
mod kept;
mod name;
mod peer;
mod signer;
mod verify;

pub(crate) use peer::ListedPeer;

pub use self::{
    age::Age,
    authorities::Authorities,
    document::{DocumentError, Domain},
    error::{Refusal, TrustError, written},
    fetch::FetchError,
    guard::{Guard, NoAddress},
    keeper::{Keeper, KeeperError, RoundError},
    kept::{Kept, KeptError},
    name::DistinguishedName,
    peer::Stranger,
    signer::Signer,
    verify::{Trust, TrustList},
};
