//! When a value is the value that was written.

use serde_json::Value;

/// Equality of values, whichever way a build of `serde_json` keeps its numbers.
pub(crate) fn same(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Number(ours), Value::Number(theirs)) => {
            let integers = (ours.as_u64(), ours.as_i64()) == (theirs.as_u64(), theirs.as_i64());
            // Negative zero is no integer here.
            (integers || ours.as_f64() == Some(0.0)) && ours.as_f64() == theirs.as_f64()
        }
        (Value::Array(ours), Value::Array(theirs)) => {
            let mut pairs = ours.iter().zip(theirs);
            ours.len() == theirs.len() && pairs.all(|(ours, theirs)| same(ours, theirs))
        }
        (Value::Object(ours), Value::Object(theirs)) => {
            let known = |name: &String, value| theirs.get(name).is_some_and(|its| same(value, its));
            ours.len() == theirs.len() && ours.iter().all(|(name, value)| known(name, value))
        }
        _ => ours == theirs,
    }
}
