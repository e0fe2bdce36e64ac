//! A real Orthanc that is asked by DIMSE only: the same exam as from the files and over DICOMweb, by C-GET
//! and by C-MOVE.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::tags;
use negatoscope_phantom::SeriesKind;
use negatoscope_server::config::{Config, SourceConfig};
use negatoscope_server::source::dimse::{Dimse, DimseOptions, Retrieve, TlsFiles};
use negatoscope_server::source::pacs::{Pacs, PacsOptions};
use negatoscope_server::source::received::{Limits, Received};
use negatoscope_server::source::{InstanceRef, Scope, Source, SourceError, SourceHealth};
use negatoscope_server::sources;

use crate::orthanc::{Certificates, Orthanc, TITLE};
use crate::orthanc_exam::{files_below, instances, only_instance};
use crate::setup::{app, file_of, get, instance_path, open_folder, overlay_data, phantoms};

const OURS: &str = "NEGATOSCOPE";

fn study() -> &'static str {
    &phantoms().exam.study_instance_uid
}

fn options(orthanc: &Orthanc) -> DimseOptions {
    DimseOptions::new("vi1.test", ("127.0.0.1", orthanc.dicom_port()), TITLE, OURS)
}

async fn by_get(orthanc: &Orthanc) -> Arc<Received<Dimse>> {
    let dimse = Dimse::open(&options(orthanc), true).await.unwrap();
    Received::open("vi1.test", dimse, Limits::default())
}

async fn by_move(orthanc: &Orthanc) -> Arc<Received<Dimse>> {
    let retrieve = Retrieve::Move {
        listen: ([127, 0, 0, 1], 0).into(),
        destination: OURS.to_owned(),
        allowed: Vec::new(),
    };
    let dimse = Dimse::open(&DimseOptions { retrieve, ..options(orthanc) }, true).await.unwrap();
    orthanc.introduce(OURS, dimse.listens_on().unwrap().port()).await;
    Received::open("vi1.test", dimse, Limits::default())
}

async fn with_phantom() -> Option<Orthanc> {
    let orthanc = Orthanc::start_dimse().await?;
    for file in phantoms().exam.series.iter().flat_map(|series| &series.files) {
        orthanc.store(file).await;
    }
    Some(orthanc)
}

/// Every frame of a study from both, bit for bit; returns the transfer syntaxes they came in.
async fn same_frames(one: &dyn Source, other: &dyn Source) -> BTreeSet<String> {
    let mut syntaxes = BTreeSet::new();
    for at in instances(other, study()).await {
        for frame in 1.. {
            let expected = match other.frame(&at, frame).await {
                Err(SourceError::NotFound) => break,
                expected => expected.unwrap(),
            };
            let found = one.frame(&at, frame).await.unwrap();
            assert_eq!(found.transfer_syntax_uid, expected.transfer_syntax_uid);
            assert!(found.bytes == expected.bytes, "frame {frame}");
            syntaxes.insert(found.transfer_syntax_uid);
        }
    }
    syntaxes
}

async fn is_the_phantom(orthanc: &Orthanc, dimse: &Received<Dimse>) {
    let archive = open_folder(phantoms().folder()).await.archive;
    assert_eq!(dimse.health().await, SourceHealth::Up);
    let facts = archive.facts(study()).await.unwrap().unwrap();
    let accession = &facts.accession_number;
    assert_eq!(dimse.facts_by_accession(accession).await.unwrap(), std::slice::from_ref(&facts));
    assert_eq!(dimse.facts(study()).await.unwrap(), Some(facts));
    assert_eq!(dimse.facts_by_accession("*").await.unwrap(), []);
    let known = dimse.known_patient(study()).await.unwrap().unwrap();
    assert_eq!(dimse.bytes_held(), 0, "nothing is fetched to tell whose exam it is");
    let (found, expected) = (dimse.summary(study()).await, archive.summary(study()).await);
    let (found, expected) = (found.unwrap(), expected.unwrap());
    assert_eq!(found, expected);
    let images = &expected.patient;
    assert_eq!((&known.birth_name, &known.given_names), (&images.birth_name, &images.given_names));
    assert_eq!((&known.birth_date, &known.sex), (&images.birth_date, &images.sex));
    assert_eq!(instances(dimse, study()).await, instances(&*archive, study()).await);
    for group in [0x6000, 0x6002] {
        let expected = overlay_data(&*archive, group).await;
        assert_eq!(overlay_data(dimse, group).await, expected);
    }
    let syntaxes = same_frames(dimse, &*archive).await;
    assert!(syntaxes.len() >= 2, "{syntaxes:?}");
    let web = Pacs::open(&PacsOptions::new("vi1.test", &orthanc.url())).unwrap();
    same_frames(dimse, &*web).await;
    println!(
        "{} transfer syntaxes, {} bytes held at most",
        syntaxes.len(),
        dimse.most_bytes_held()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_phantom_comes_by_c_get_as_it_is_in_its_files() {
    let Some(orthanc) = with_phantom().await else { return };
    is_the_phantom(&orthanc, &*by_get(&orthanc).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_phantom_comes_by_c_move_as_it_is_in_its_files() {
    let Some(orthanc) = with_phantom().await else { return };
    is_the_phantom(&orthanc, &*by_move(&orthanc).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_routes_work_over_dimse() {
    let Some(orthanc) = with_phantom().await else { return };
    orthanc.store(&phantoms().other.series[0].files[0]).await;
    let app = app(by_get(&orthanc).await, &[study()]);
    let own = crate::setup::app(open_folder(phantoms().folder()).await.archive, &[study()]);
    let (mr, us) = (instance_path(SeriesKind::Mr, 0), instance_path(SeriesKind::Us, 0));
    let paths = [
        ("/api/examen/1".to_owned(), "application/json"),
        (format!("{mr}/frames/1"), "*/*"),
        (format!("{us}/frames/3/rendered"), "image/png"),
        (format!("{mr}/thumbnail"), "image/png"),
        (format!("{us}/metadata"), "application/dicom+json"),
    ];
    for (path, accept) in paths {
        let (found, expected) = (get(&app, &path, accept).await, get(&own, &path, accept).await);
        assert_eq!((found.status.as_u16(), expected.status.as_u16()), (200, 200), "{path}");
        match found.content_type().starts_with("multipart/") {
            true => assert_eq!(found.parts(), expected.parts(), "{path}"),
            false => assert!(found.body == expected.body, "{path}"),
        }
    }
    let file = get(&app, &mr, "application/dicom").await;
    assert_eq!(file.content_type(), "application/dicom; transfer-syntax=1.2.840.10008.1.2.5");
    let stored = std::fs::read(file_of(SeriesKind::Mr, 0)).unwrap();
    assert!(file.body.ends_with(&stored[stored.len() - 1000..]));
    assert_eq!(get(&app, &format!("{mr}/frames/2"), "*/*").await.status, 404);
    let other = &phantoms().other;
    let theirs = format!("/dicomweb/studies/{}/metadata", other.study_instance_uid);
    assert_eq!(get(&app, &theirs, "*/*").await.status, 404, "not granted");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_study_is_unknown_by_dimse() {
    let Some(orthanc) = Orthanc::start_dimse().await else { return };
    let dimse = by_get(&orthanc).await;
    assert_eq!(dimse.facts("1.2.3").await.unwrap(), None);
    assert_eq!(dimse.facts("*").await.unwrap(), None);
    assert!(matches!(dimse.summary("1.2.3").await, Err(SourceError::NotFound)));
    assert!(dimse.key_objects("1.2.3").await.unwrap().is_empty());
    let app = app(dimse, &["1.2.3"]);
    for path in ["/api/examen/1", "/dicomweb/studies/1.2.3/series/1.2/instances/1/frames/1"] {
        assert_eq!(get(&app, path, "*/*").await.status, 404, "{path}");
    }
}

/// Every file of the shared data that Orthanc takes and knows the transfer syntax of comes as it was
/// stored, both ways.
#[tokio::test(flavor = "multi_thread")]
async fn files_of_many_encodings_come_as_they_are() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/transfer-syntax");
    if !shared.is_dir() {
        println!("skipped: no ../shared");
        return;
    }
    let Some(orthanc) = Orthanc::start_dimse().await else { return };
    let mut compared = [BTreeSet::new(), BTreeSet::new()];
    for file in files_below(&shared) {
        let archive = open_folder(&file).await.archive;
        let Some((study, at)) = only_instance(&file, &*archive).await else { continue };
        let Ok(expected) = archive.frame(&at, 1).await else { continue };
        orthanc.store(&file).await;
        for (dimse, compared) in
            [by_get(&orthanc).await, by_move(&orthanc).await].iter().zip(&mut compared)
        {
            match dimse.frame(&at, 1).await {
                Ok(found) => {
                    assert!(found.bytes == expected.bytes, "{}", file.display());
                    assert_eq!(found.transfer_syntax_uid, expected.transfer_syntax_uid);
                    compared.insert(found.transfer_syntax_uid);
                }
                Err(error) => println!("{study}: {}: {error}", file.display()),
            }
        }
    }
    for compared in compared {
        println!("{compared:?}");
        for syntax in ["1.2.1", "1.2.4.50", "1.2.4.70", "1.2.4.80", "1.2.4.90", "1.2.4.91", "1.2.5"]
        {
            assert!(compared.contains(&format!("1.2.840.10008.{syntax}")), "{syntax}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_is_bounded_and_what_was_dropped_comes_again() {
    let Some(orthanc) = with_phantom().await else { return };
    let files = phantoms().exam.series.iter().flat_map(|series| &series.files);
    let sizes: Vec<u64> = files.map(|file| file.metadata().unwrap().len()).collect();
    let largest = sizes.iter().max().unwrap();
    let budget = sizes.iter().sum::<u64>() / 2 + largest;
    let dimse = Dimse::open(&options(&orthanc), true).await.unwrap();
    let limits = Limits { memory_bytes: budget, streams: 1, ..Limits::default() };
    let dimse = Received::open("vi1.test", dimse, limits);
    let archive = open_folder(phantoms().folder()).await.archive;
    let (found, expected) = (dimse.summary(study()).await, archive.summary(study()).await);
    assert_eq!(found.unwrap(), expected.unwrap());
    same_frames(&*dimse, &*archive).await;
    assert!(dimse.most_bytes_held() <= budget, "{} of {budget}", dimse.most_bytes_held());
}

/// Copies of a CT image, made large, as one more series of the phantom.
async fn store_large_series(orthanc: &Orthanc, count: usize) -> Vec<InstanceRef> {
    const SERIES: &str = "1.2.250.1.97";
    let folder = tempfile::tempdir().unwrap();
    let uid = |tag, uid: &str| DataElement::new(tag, VR::UI, PrimitiveValue::from(uid));
    let mut object = dicom_object::open_file(file_of(SeriesKind::Ct, 0)).unwrap();
    object.put(uid(tags::SERIES_INSTANCE_UID, SERIES));
    let ballast = PrimitiveValue::from(vec![7_u8; 1 << 20]);
    object.put(DataElement::new(Tag(0x0099, 0x0010), VR::LO, PrimitiveValue::from("BALLAST")));
    object.put(DataElement::new(Tag(0x0099, 0x1001), VR::OB, ballast));
    let mut stored = Vec::new();
    for number in 0..count {
        let instance = format!("{SERIES}.{number}");
        object.put(uid(tags::SOP_INSTANCE_UID, &instance));
        object.meta_mut().media_storage_sop_instance_uid.clone_from(&instance);
        let file = folder.path().join("file");
        object.write_to_file(&file).unwrap();
        orthanc.store(&file).await;
        let (study, series) = (study().to_owned(), SERIES.to_owned());
        stored.push(InstanceRef { study, series, instance });
    }
    stored
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pacs_that_dies_in_the_middle_is_an_error_and_what_came_is_served() {
    let Some(mut orthanc) = with_phantom().await else { return };
    let large = store_large_series(&orthanc, 80).await;
    let dimse = by_get(&orthanc).await;
    // Whichever comes first.
    let coming = large.iter().map(|at| Box::pin(dimse.frame(at, 1)));
    let (first, which, rest) = futures::future::select_all(coming).await;
    orthanc.kill();
    first.unwrap();
    let others = futures::future::join_all(rest).await;
    let lost = others.iter().filter(|other| other.is_err()).count();
    println!("{lost} of {} did not come", large.len());
    assert!(lost > 0, "it was in the middle");
    let is_told = |other: &Result<_, _>| !matches!(other, Err(SourceError::NotFound));
    assert!(others.iter().all(is_told));
    dimse.frame(&large[which], 1).await.unwrap();
    assert_eq!(dimse.health().await, SourceHealth::Down);
    let app = app(dimse, &[study()]);
    let path = instance_path(SeriesKind::Mr, 0);
    let answer = get(&app, &format!("{path}/frames/1"), "*/*").await;
    assert_eq!(answer.status, 502);
    assert_eq!(answer.detail(), "The image archive does not answer. Try again in a moment.");
}

/// The storage SCP is closed to everybody but the PACS, and to the PACS unless it was asked to send.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_stores_what_was_not_asked_for() {
    let Some(orthanc) = with_phantom().await else { return };
    let dimse = by_move(&orthanc).await;
    assert!(!orthanc.push(study(), OURS).await, "no move is under way");
    dimse.summary(study()).await.unwrap();
    let before = dimse.bytes_held();
    assert!(!orthanc.push(study(), OURS).await, "the move has ended");
    assert_eq!(dimse.bytes_held(), before);
    let scope = Scope { study: study().to_owned(), series: None, instance: None };
    assert!(!dimse.instances(&scope).await.unwrap().is_empty());
}

/// An authority, and certificates for both sides in files.
fn certificates(folder: &Path) -> Certificates {
    let authority_key = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
    let mut parameters = rcgen::CertificateParams::new(Vec::new()).unwrap();
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    parameters.distinguished_name.push(rcgen::DnType::CommonName, "test authority");
    let authority = parameters.self_signed(&authority_key).unwrap();
    let issuer = rcgen::Issuer::new(parameters, authority_key);
    let path = folder.join("ca.pem");
    std::fs::write(&path, authority.pem()).unwrap();
    let signed = |name: &str| {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
        let mut parameters = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
        parameters.distinguished_name.push(rcgen::DnType::CommonName, name);
        let certificate = parameters.signed_by(&key, &issuer).unwrap();
        let files = (folder.join(format!("{name}.pem")), folder.join(format!("{name}.key")));
        std::fs::write(&files.0, certificate.pem()).unwrap();
        std::fs::write(&files.1, key.serialize_pem()).unwrap();
        files
    };
    Certificates { authority: path, orthanc: signed("pacs.test"), ours: signed("viewer.test") }
}

#[tokio::test(flavor = "multi_thread")]
async fn dimse_over_tls_names_both_sides() {
    let folder = tempfile::tempdir().unwrap();
    let certificates = certificates(folder.path());
    let Some(orthanc) = Orthanc::start_dimse_tls(&certificates).await else { return };
    orthanc.store(&file_of(SeriesKind::Mr, 0)).await;
    let tls = |name: &str, own| TlsFiles {
        authorities: certificates.authority.clone(),
        own,
        name: Some(name.to_owned()),
    };
    let ours = Some(certificates.ours.clone());
    let move_here = Retrieve::Move {
        listen: ([127, 0, 0, 1], 0).into(),
        destination: OURS.to_owned(),
        allowed: vec!["127.0.0.1/32".parse().unwrap()],
    };
    for retrieve in [Retrieve::Get, move_here] {
        let tls = Some(tls("pacs.test", ours.clone()));
        let options = DimseOptions { tls, retrieve, ..options(&orthanc) };
        let dimse = Dimse::open(&options, true).await.unwrap();
        if let Some(address) = dimse.listens_on() {
            orthanc.introduce(OURS, address.port()).await;
        }
        let dimse = Received::open("vi1.test", dimse, Limits::default());
        assert_eq!(dimse.summary(study()).await.unwrap().series.len(), 1);
        assert_eq!(dimse.health().await, SourceHealth::Up);
    }
    let wrong = [
        (Some(tls("other.test", ours)), "another name"),
        (Some(tls("pacs.test", None)), "no certificate"),
        (None, "no TLS"),
    ];
    for (tls, what) in wrong {
        let dimse = Dimse::open(&DimseOptions { tls, ..options(&orthanc) }, true).await.unwrap();
        assert!(dimse.echo().await.is_err(), "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_is_configured_probed_and_served() {
    let Some(orthanc) = Orthanc::start_dimse().await else { return };
    orthanc.store(&file_of(SeriesKind::Us, 0)).await;
    let state = tempfile::tempdir().unwrap();
    let parse = |title: &str| {
        let text = format!(
            "[server]\nstate = \"state\"\nassets = \"assets\"\n[[site]]\nhosts = [\"vi1.test\"]\nname = \"A\"\n\
             contact = \"a@b\"\n[site.source.dimse]\nhost = \"127.0.0.1\"\nport = {}\n\
             called_title = \"{title}\"\ncalling_title = \"{OURS}\"\n",
            orthanc.dicom_port()
        );
        Config::parse(&text, &state.path().join("n.toml")).unwrap()
    };
    let told = async |config: &Config| {
        let site = &config.sites[0];
        let SourceConfig::Dimse(dimse) = &site.source else { panic!("a DIMSE source") };
        sources::dimse::unreachable(site, dimse).await
    };
    let config = parse(TITLE);
    assert_eq!(told(&config).await, None);
    let source = sources::serve(&config.sites[0], state.path(), None).await.unwrap();
    assert_eq!(source.summary(study()).await.unwrap().series.len(), 1);
    let wrong = told(&parse("SOMEBODY")).await.unwrap();
    assert!(wrong.starts_with("site vi1.test: source.dimse: 127.0.0.1:"), "{wrong}");
    assert!(wrong.ends_with("the association: called AE title not recognized"), "{wrong}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_title_is_told() {
    let Some(orthanc) = Orthanc::start_dimse().await else { return };
    let mut options = options(&orthanc);
    options.called = "SOMEBODY".to_owned();
    let dimse = Dimse::open(&options, false).await.unwrap();
    let told = dimse.echo().await.unwrap_err().to_string();
    assert_eq!(told, "the PACS refuses the association: called AE title not recognized");
}
