//! The texts of errors whose variants only the crate itself can construct.

use jwt_appraisal::remote::UrlError;

pub(crate) fn status(status: u16) -> String {
    format!("the answer has the status {status}, but it must be 200")
}

pub(crate) fn redirected(status: u16) -> String {
    format!(
        "the answer (status {status}) redirects to another scheme, host or port, or too often; give the \
         URL that it leads to"
    )
}

pub(crate) fn no_answer(reason: &str) -> String {
    format!("there was no answer: {reason}")
}

pub(crate) fn timed_out(seconds: i64) -> String {
    format!("there was no complete answer within {seconds} s")
}

pub(crate) fn too_long(most: usize) -> String {
    format!("the answer has more than {most} bytes; see Limits::key_set_bytes")
}

pub(crate) fn not_json(fault: &str) -> String {
    format!("the key material is not strict JSON: it {fault}")
}

pub(crate) fn not_metadata(fault: &str) -> String {
    format!("the metadata cannot be used: it {fault}")
}

pub(crate) fn other_issuer(name: &str) -> String {
    let bytes = name.len();
    format!("the metadata names another issuer ({bytes} bytes), but it must name exactly this one")
}

pub(crate) fn jwks_uri(error: UrlError) -> String {
    format!(
        "the jwks_uri of the metadata {error}, but it must be an https URL without user and fragment"
    )
}

pub(crate) fn out_of_range(setting: &str, found: i64, least: i64, most: i64) -> String {
    format!("the setting {setting} is {found}, but it must be from {least} to {most} s")
}

pub(crate) fn fraction(setting: &str) -> String {
    format!(
        "the setting {setting} has a fraction of a second, but it must be a whole number of seconds"
    )
}
