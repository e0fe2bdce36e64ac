//! A-ASSOCIATE (PS3.8 7.1, PS3.7 D.3): what is proposed, and what of it both sides agree on.

use dicom_ul::pdu::{
    AssociationAC, AssociationRJ, AssociationRJResult, AssociationRJServiceUserReason,
    AssociationRJSource, AssociationRQ, Pdu, PresentationContextProposed,
    PresentationContextResult, PresentationContextResultReason, RequestorRoles, UserVariableItem,
};

use super::association::{Association, Context, MAX_PDU_BYTES, unexpected};
use super::error::DimseError;
use super::syntaxes::{EXPLICIT, IMPLICIT, STUDY_ROOT_GET, is_compressed, is_storage, is_taken};

/// The application context of DICOM (PS3.7 A.2.1).
const APPLICATION_CONTEXT: &str = "1.2.840.10008.3.1.1.1";
const PROTOCOL_VERSION: u16 = 1;
/// Implementation Class UID: derived from a UUID (PS3.5 B.2), made for this program.
pub(super) const IMPLEMENTATION_CLASS_UID: &str = "2.25.35388248157340255191211155010423589750";
const IMPLEMENTATION_VERSION: &str = concat!("NEGATOSCOPE_", env!("CARGO_PKG_VERSION"));
/// Most contexts of one association: their ids are the odd numbers of a byte.
pub(super) const MAX_CONTEXTS: usize = 128;

/// One context to propose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Proposal {
    pub abstract_syntax: String,
    pub transfer_syntaxes: Vec<&'static str>,
}

/// Application entity titles.
#[derive(Clone, Debug)]
pub(super) struct Titles {
    pub called: String,
    pub calling: String,
}

/// Asks for an association; beside C-GET, storage classes are proposed with the role of an SCP for us.
pub(super) async fn request(
    mut association: Association,
    titles: &Titles,
    proposals: &[Proposal],
) -> Result<Association, DimseError> {
    let proposed: Vec<_> = (1..=u8::MAX).step_by(2).zip(proposals).collect();
    association.send_pdu(&request_pdu(titles, &proposed)).await?;
    match association.next_pdu("association").await? {
        Pdu::AssociationAC(answer) => {
            association.peer_max_pdu_bytes = max_length(&answer.user_variables);
            association.contexts = accepted(&answer, &proposed);
            if association.contexts.is_empty() {
                return Err(DimseError::NotAccepted("any presentation context"));
            }
            Ok(association)
        }
        Pdu::AssociationRJ(refusal) => Err(DimseError::Rejected(refusal.source.to_string())),
        other => Err(unexpected(&other)),
    }
}

fn request_pdu(titles: &Titles, proposed: &[(u8, &Proposal)]) -> Pdu {
    let mut user_variables = own_variables();
    let mut storage: Vec<&str> =
        proposed.iter().map(|(_, proposal)| proposal.abstract_syntax.as_str()).collect();
    let gets = storage.contains(&STUDY_ROOT_GET);
    storage.retain(|class| gets && is_storage(class));
    storage.dedup();
    user_variables.extend(storage.into_iter().map(|class| {
        let roles = RequestorRoles { scu: false, scp: true };
        UserVariableItem::ScuScpRoleSelectionSubItem(class.to_owned(), roles)
    }));
    let contexts = proposed.iter().map(|(id, proposal)| PresentationContextProposed {
        id: *id,
        abstract_syntax: proposal.abstract_syntax.clone(),
        transfer_syntaxes: proposal.transfer_syntaxes.iter().map(|uid| (*uid).to_owned()).collect(),
    });
    Pdu::AssociationRQ(AssociationRQ {
        protocol_version: PROTOCOL_VERSION,
        calling_ae_title: titles.calling.clone(),
        called_ae_title: titles.called.clone(),
        application_context_name: APPLICATION_CONTEXT.to_owned(),
        presentation_contexts: contexts.collect(),
        user_variables,
    })
}

fn own_variables() -> Vec<UserVariableItem> {
    vec![
        UserVariableItem::MaxLength(MAX_PDU_BYTES),
        UserVariableItem::ImplementationClassUID(IMPLEMENTATION_CLASS_UID.to_owned()),
        UserVariableItem::ImplementationVersionName(IMPLEMENTATION_VERSION.to_owned()),
    ]
}

/// 0 means without limit.
fn max_length(variables: &[UserVariableItem]) -> u32 {
    let stated = variables.iter().find_map(|item| match item {
        UserVariableItem::MaxLength(length) if *length > 0 => Some(*length),
        _ => None,
    });
    stated.unwrap_or(u32::MAX)
}

/// Accepted contexts of those proposed, with a transfer syntax that was proposed for them.
fn accepted(answer: &AssociationAC, proposed: &[(u8, &Proposal)]) -> Vec<Context> {
    let results = answer.presentation_contexts.iter();
    let accepted =
        results.filter(|result| result.reason == PresentationContextResultReason::Acceptance);
    let context = |result: &PresentationContextResult| {
        let (_, proposal) = proposed.iter().find(|(id, _)| *id == result.id)?;
        let transfer_syntax = result.transfer_syntax.trim_end_matches(['\0', ' ']).to_owned();
        proposal.transfer_syntaxes.contains(&transfer_syntax.as_str()).then(|| Context {
            id: result.id,
            abstract_syntax: proposal.abstract_syntax.clone(),
            transfer_syntax,
        })
    };
    accepted.filter_map(context).collect()
}

/// Whom the storage SCP lets in.
pub(super) struct Door<'a> {
    pub titles: &'a Titles,
    /// Whether a move is under way: without one nobody has anything to store here.
    pub is_expecting: bool,
}

/// Answers a request for an association to store objects.
pub(super) async fn accept(
    mut association: Association,
    door: &Door<'_>,
) -> Result<Association, DimseError> {
    let request = match association.next_pdu("association").await? {
        Pdu::AssociationRQ(request) => request,
        other => return Err(unexpected(&other)),
    };
    if let Some(refusal) = refusal(&request, door) {
        association.send_pdu(&Pdu::AssociationRJ(refusal.clone())).await?;
        return Err(DimseError::Rejected(format!("by us: {}", refusal.source)));
    }
    association.peer_max_pdu_bytes = max_length(&request.user_variables);
    let results = request.presentation_contexts.iter().map(result).collect::<Vec<_>>();
    let agreed = results.iter().zip(&request.presentation_contexts);
    let agreed = agreed.filter(|(r, _)| r.reason == PresentationContextResultReason::Acceptance);
    association.contexts = agreed
        .map(|(result, proposed)| Context {
            id: result.id,
            abstract_syntax: proposed.abstract_syntax.trim_end_matches(['\0', ' ']).to_owned(),
            transfer_syntax: result.transfer_syntax.clone(),
        })
        .collect();
    let answer = Pdu::AssociationAC(AssociationAC {
        protocol_version: PROTOCOL_VERSION,
        calling_ae_title: request.calling_ae_title,
        called_ae_title: request.called_ae_title,
        application_context_name: APPLICATION_CONTEXT.to_owned(),
        presentation_contexts: results,
        user_variables: own_variables(),
    });
    association.send_pdu(&answer).await?;
    Ok(association)
}

fn refusal(request: &AssociationRQ, door: &Door<'_>) -> Option<AssociationRJ> {
    use AssociationRJServiceUserReason as Reason;
    let (result, reason) = if request.protocol_version & PROTOCOL_VERSION == 0
        || request.presentation_contexts.len() > MAX_CONTEXTS
    {
        (AssociationRJResult::Permanent, Reason::NoReasonGiven)
    } else if request.application_context_name.trim_end_matches(['\0', ' ']) != APPLICATION_CONTEXT
    {
        (AssociationRJResult::Permanent, Reason::ApplicationContextNameNotSupported)
    } else if request.called_ae_title != door.titles.called {
        (AssociationRJResult::Permanent, Reason::CalledAETitleNotRecognized)
    } else if request.calling_ae_title != door.titles.calling {
        (AssociationRJResult::Permanent, Reason::CallingAETitleNotRecognized)
    } else if !door.is_expecting {
        (AssociationRJResult::Transient, Reason::NoReasonGiven)
    } else {
        return None;
    };
    Some(AssociationRJ { result, source: AssociationRJSource::ServiceUser(reason) })
}

/// Storage only. Of several transfer syntaxes a compressed one, in which the PACS then sends what it has
/// in it as it is; else an uncompressed one.
fn result(proposed: &PresentationContextProposed) -> PresentationContextResult {
    use PresentationContextResultReason as Reason;
    let class = proposed.abstract_syntax.trim_end_matches(['\0', ' ']);
    let syntaxes: Vec<&str> =
        proposed.transfer_syntaxes.iter().map(|uid| uid.trim_end_matches(['\0', ' '])).collect();
    let compressed = syntaxes.iter().find(|uid| is_compressed(uid)).copied();
    let usual = [EXPLICIT, IMPLICIT].into_iter().find(|uid| syntaxes.contains(uid));
    let other = syntaxes.iter().find(|uid| is_taken(uid)).copied();
    let (reason, transfer_syntax) = match compressed.or(usual).or(other) {
        _ if !is_storage(class) => (Reason::AbstractSyntaxNotSupported, IMPLICIT),
        Some(uid) => (Reason::Acceptance, uid),
        None => (Reason::TransferSyntaxesNotSupported, IMPLICIT),
    };
    PresentationContextResult {
        id: proposed.id,
        reason,
        transfer_syntax: transfer_syntax.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use dicom_ul::pdu::{read_pdu, write_pdu};

    use super::*;

    fn proposed(class: &str, syntaxes: &[&str]) -> PresentationContextProposed {
        PresentationContextProposed {
            id: 1,
            abstract_syntax: class.to_owned(),
            transfer_syntaxes: syntaxes.iter().map(|uid| (*uid).to_owned()).collect(),
        }
    }

    #[test]
    fn objects_are_taken_as_they_are_and_services_are_not_offered() {
        const CT: &str = "1.2.840.10008.5.1.4.1.1.2";
        const BIG_ENDIAN: &str = "1.2.840.10008.1.2.2";
        const JPEG_LS: &str = "1.2.840.10008.1.2.4.80";
        const ARITHMETIC: &str = "1.2.840.10008.1.2.4.52";
        for (syntaxes, expected) in [
            (&[BIG_ENDIAN, IMPLICIT, EXPLICIT][..], Some(EXPLICIT)),
            (&[EXPLICIT, ARITHMETIC, JPEG_LS], Some(JPEG_LS)),
            (&[BIG_ENDIAN], Some(BIG_ENDIAN)),
            (&["1.2.840.10008.1.2.4.80\0"], Some(JPEG_LS)),
            (&[ARITHMETIC], None),
        ] {
            let result = result(&proposed(CT, syntaxes));
            let accepted = result.reason == PresentationContextResultReason::Acceptance;
            assert_eq!(accepted.then_some(result.transfer_syntax.as_str()), expected);
        }
        let service = result(&proposed("1.2.840.10008.5.1.4.1.2.2.1", &[IMPLICIT]));
        assert_eq!(service.reason, PresentationContextResultReason::AbstractSyntaxNotSupported);
    }

    #[test]
    fn as_many_contexts_as_there_are_numbers_are_proposed() {
        let proposal = |n: usize| Proposal {
            abstract_syntax: format!("1.2.{n}"),
            transfer_syntaxes: vec![EXPLICIT],
        };
        let mut proposals: Vec<_> = (0..MAX_CONTEXTS + 1).map(proposal).collect();
        STUDY_ROOT_GET.clone_into(&mut proposals[0].abstract_syntax);
        let proposed: Vec<_> = (1..=u8::MAX).step_by(2).zip(&proposals).collect();
        let titles = Titles { called: "A".to_owned(), calling: "B".to_owned() };
        let Pdu::AssociationRQ(request) = request_pdu(&titles, &proposed) else { panic!() };
        assert_eq!(request.presentation_contexts.len(), MAX_CONTEXTS);
        assert_eq!(request.presentation_contexts[MAX_CONTEXTS - 1].id, 255);
        assert_eq!(request.user_variables.len(), MAX_CONTEXTS + 2, "a role for each class");
        let stored: Vec<_> = (1..=u8::MAX).step_by(2).zip(&proposals[1..]).collect();
        let Pdu::AssociationRQ(request) = request_pdu(&titles, &stored) else { panic!() };
        assert_eq!(request.user_variables.len(), 3, "who stores is an SCU, as by default");
    }

    proptest::proptest! {
        /// PDUs are read by a crate: whatever comes, it answers.
        #[test]
        fn no_pdu_is_too_strange(
            at in 0_usize..400, byte in 0_u8.., cut in 0_usize..400, kind in 0_u8..9,
        ) {
            let proposal =
                Proposal { abstract_syntax: "1.2".to_owned(), transfer_syntaxes: vec![EXPLICIT] };
            let titles = Titles { called: "A".to_owned(), calling: "B".to_owned() };
            let mut bytes = Vec::new();
            write_pdu(&mut bytes, &request_pdu(&titles, &[(1, &proposal)])).unwrap();
            let at = at % bytes.len();
            bytes[at] = byte;
            bytes.truncate(bytes.len() - cut % 60);
            bytes[0] = kind;
            let length = (bytes.len() as u32 - 6).to_be_bytes();
            bytes[2..6].copy_from_slice(&length);
            let _read = read_pdu(std::io::Cursor::new(&bytes[..]), MAX_PDU_BYTES, true);
        }
    }

    #[test]
    fn an_answer_counts_for_what_was_proposed_only() {
        let proposal =
            Proposal { abstract_syntax: "1.2".to_owned(), transfer_syntaxes: vec![EXPLICIT] };
        let proposed = [(1, &proposal), (3, &proposal), (5, &proposal)];
        let result = |id, reason, syntax: &str| PresentationContextResult {
            id,
            reason,
            transfer_syntax: syntax.to_owned(),
        };
        let accept = PresentationContextResultReason::Acceptance;
        let answer = AssociationAC {
            protocol_version: 1,
            calling_ae_title: String::new(),
            called_ae_title: String::new(),
            application_context_name: APPLICATION_CONTEXT.to_owned(),
            presentation_contexts: vec![
                result(1, accept.clone(), IMPLICIT),
                result(3, accept.clone(), EXPLICIT),
                result(5, PresentationContextResultReason::NoReason, EXPLICIT),
                result(7, accept, EXPLICIT),
            ],
            user_variables: Vec::new(),
        };
        let ids: Vec<u8> = accepted(&answer, &proposed).iter().map(|context| context.id).collect();
        assert_eq!(ids, [3]);
    }
}
