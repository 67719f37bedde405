//! Every reader of a grafted document agrees with a model that is changed in the same way.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::wildcard_enum_match_arm,
    reason = "a test stops where it cannot continue; its arithmetic is small"
)]

use std::borrow::Cow;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Number, Value as Model};

use crate::json::graft::{GraftError, Grafts, NewValue, Place, Verification};
use crate::json::{Bounds, Document, JsonError, JsonKind, Value};

/// A proof for tests.
pub(crate) struct Tested;

impl Verification for Tested {}

pub(super) const WIDE: Bounds =
    Bounds { depth: 16, values: 1_000, members: 100, lenient_keys: false };

/// Reads a value by its iterators and accessors.
pub(super) fn walked(value: Value<'_>) -> Model {
    match value.kind() {
        JsonKind::Null => Model::Null,
        JsonKind::Boolean => Model::Bool(value.as_bool().unwrap()),
        JsonKind::Number => Model::Number(Number::from(value.as_integers().unwrap()[0])),
        JsonKind::String => Model::String(value.as_str().unwrap().to_owned()),
        JsonKind::Array => Model::Array(value.elements().map(walked).collect()),
        JsonKind::Object => {
            let members: Vec<_> = value.members().collect();
            let walked: Map<_, _> =
                members.iter().map(|(name, value)| ((*name).to_owned(), walked(*value))).collect();
            assert_eq!(walked.len(), members.len(), "no name is there twice");
            Model::Object(walked)
        }
    }
}

/// Holds every reader against the model.
pub(super) fn expect_seen(document: &Document<'_>, model: &Model) {
    let root = document.root();
    assert_eq!(&walked(root), model);
    assert_eq!(&root.read_into::<Model>().unwrap(), model, "deserialized");
    assert_eq!(root.repeated_names().count(), 0);
    let text = serde_json::to_string(model).unwrap();
    let mut fresh = Document::new();
    fresh.read(text.as_bytes(), WIDE).unwrap();
    assert!(root.is_same(fresh.root()) && fresh.root().is_same(root));
    expect_found(root, model);
    for name in NAMES {
        let absent = model.get(name).is_none();
        assert_eq!(root.get(name).is_none(), absent, "{name}");
    }
}

/// Looks up every member by its name, at any depth.
fn expect_found(value: Value<'_>, model: &Model) {
    match model {
        Model::Object(members) => {
            for (name, member) in members {
                let found = value.get(name).unwrap();
                assert_eq!(&walked(found), member);
                assert_eq!(value.string(name).present(), member.as_str());
                expect_found(found, member);
            }
        }
        Model::Array(elements) => {
            assert_eq!(value.elements().count(), elements.len());
            for (found, element) in value.elements().zip(elements) {
                expect_found(found, element);
            }
        }
        _ => {}
    }
}

/// Few names, so that grafts meet. Some share a slot of the index.
const NAMES: [&str; 8] = ["a", "b", "c", "", "client_id", "azp", "aXb", "aYb"];

fn name() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(&NAMES[..])
}

fn model() -> impl Strategy<Value = Model> {
    let leaf = prop_oneof![
        Just(Model::Null),
        any::<bool>().prop_map(Model::Bool),
        any::<i32>().prop_map(Model::from),
        "[a-z\n\"é]{0,3}".prop_map(Model::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Model::from),
            vec((name(), inner), 0..4).prop_map(object),
        ]
    })
}

fn object(members: Vec<(&'static str, Model)>) -> Model {
    Model::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

#[derive(Clone, Debug)]
enum New {
    Text(&'static str, bool),
    Texts(Vec<&'static str>),
    Copy(Index),
    Fragment(Model, bool),
}

#[derive(Clone, Debug)]
enum Op {
    Add(Index, &'static str, New),
    Replace(Index, &'static str, New),
    Hide(Index, &'static str),
    ReplaceElement(Index, usize, New),
    RemoveElement(Index, usize),
}

fn new_value() -> impl Strategy<Value = New> {
    prop_oneof![
        (name(), any::<bool>()).prop_map(|(text, owned)| New::Text(text, owned)),
        vec(name(), 0..3).prop_map(New::Texts),
        any::<Index>().prop_map(New::Copy),
        (model(), any::<bool>()).prop_map(|(model, part)| New::Fragment(model, part)),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    let any = any::<Index>;
    prop_oneof![
        4 => (any(), name(), new_value()).prop_map(|(at, name, new)| Op::Add(at, name, new)),
        2 => (any(), name(), new_value()).prop_map(|(at, name, new)| Op::Replace(at, name, new)),
        2 => (any(), name()).prop_map(|(at, name)| Op::Hide(at, name)),
        2 => (any(), 0..3_usize, new_value()).prop_map(|(at, i, new)| Op::ReplaceElement(at, i, new)),
        1 => (any(), 0..3_usize).prop_map(|(at, i)| Op::RemoveElement(at, i)),
    ]
}

/// A step from a value to one of its children.
#[derive(Clone, Debug)]
enum Step {
    Member(String),
    Element(usize),
}

/// The paths of all values of the model; only of objects and arrays, if so asked.
fn paths(model: &Model, containers: bool) -> Vec<Vec<Step>> {
    let mut found = Vec::new();
    let mut open = vec![(Vec::new(), model)];
    while let Some((path, model)) = open.pop() {
        let mut go = |step, inner| {
            let path: Vec<Step> = path.iter().cloned().chain([step]).collect();
            open.push((path, inner));
        };
        match model {
            Model::Object(members) => {
                members.iter().for_each(|(name, inner)| go(Step::Member(name.clone()), inner));
            }
            Model::Array(elements) => {
                elements.iter().enumerate().for_each(|(i, inner)| go(Step::Element(i), inner));
            }
            _ if containers => continue,
            _ => {}
        }
        found.push(path);
    }
    found
}

fn pick(model: &Model, index: &Index, containers: bool) -> Vec<Step> {
    let paths = paths(model, containers);
    paths[index.index(paths.len())].clone()
}

fn in_model<'m>(model: &'m mut Model, path: &[Step]) -> &'m mut Model {
    path.iter().fold(model, |model, step| match step {
        Step::Member(name) => &mut model[name.as_str()],
        Step::Element(index) => &mut model[*index],
    })
}

fn in_document(grafts: &Grafts<'_, '_>, path: &[Step]) -> Place {
    path.iter().fold(grafts.root(), |place, step| match step {
        Step::Member(name) => grafts.member(place, name).unwrap(),
        Step::Element(index) => grafts.elements(place).nth(*index).unwrap().place(),
    })
}

fn height(model: &Model) -> usize {
    match model {
        Model::Object(members) => 1 + members.values().map(height).max().unwrap_or(0),
        Model::Array(elements) => 1 + elements.iter().map(height).max().unwrap_or(0),
        _ => 0,
    }
}

/// A new value in the model and in the document. `None` if the fragment itself is refused.
fn create<'t>(
    new: &New,
    text: &'t [u8],
    model: &Model,
    grafts: &mut Grafts<'_, 't>,
) -> Option<(Model, NewValue<'t>)> {
    Some(match new {
        New::Text(text, true) => {
            (Model::from(*text), NewValue::Text(Cow::Owned((*text).to_owned())))
        }
        New::Text(text, false) => (Model::from(*text), NewValue::Text(Cow::Borrowed(*text))),
        New::Texts(texts) => {
            let new = texts.iter().map(|text| Cow::Borrowed(*text)).collect();
            (Model::from(texts.clone()), NewValue::Texts(new))
        }
        New::Copy(index) => {
            let path = pick(model, index, false);
            let place = in_document(grafts, &path);
            (in_model(&mut model.clone(), &path).clone(), NewValue::Copy(place))
        }
        New::Fragment(model, part) => {
            let fragment = grafts.read(text).ok()?;
            let fragment = if *part {
                assert_eq!(grafts.text(&fragment, 0).as_deref(), Some("salt"));
                grafts.part(fragment, 1).unwrap()
            } else {
                fragment
            };
            assert_eq!(&walked(grafts.fragment(&fragment)), model);
            (model.clone(), NewValue::Fragment(fragment))
        }
    })
}

/// The text that a new value is read from, as a disclosure has it or alone.
fn fragment_text(op: &Op) -> Vec<u8> {
    match op {
        Op::Add(_, _, New::Fragment(model, part))
        | Op::Replace(_, _, New::Fragment(model, part))
        | Op::ReplaceElement(_, _, New::Fragment(model, part)) => {
            let salted = Model::from(vec![Model::from("salt"), model.clone()]);
            serde_json::to_vec(if *part { &salted } else { model }).unwrap()
        }
        _ => Vec::new(),
    }
}

/// What the model makes of a graft.
fn in_bounds(path: &[Step], value: &Model, bounds: Bounds) -> Result<(), GraftError> {
    let height = height(value);
    let fits = height == 0 || path.len() + 1 + height <= bounds.depth;
    if fits { Ok(()) } else { Err(JsonError::TooDeep.into()) }
}

/// Applies one graft to both, and compares what became of it.
fn apply<'t>(
    op: &Op,
    text: &'t [u8],
    model: &mut Model,
    grafts: &mut Grafts<'_, 't>,
    bounds: Bounds,
) {
    let index = match op {
        Op::Add(index, ..) | Op::Replace(index, ..) | Op::Hide(index, ..) => index,
        Op::ReplaceElement(index, ..) | Op::RemoveElement(index, ..) => index,
    };
    let path = pick(model, index, true);
    let place = in_document(grafts, &path);
    let mut changed = model.clone();
    let target = in_model(&mut changed, &path);
    let (expected, found) = match op {
        Op::Add(_, name, new) => {
            let Some((value, new)) = create(new, text, model, grafts) else { return };
            let expected = match target.as_object_mut() {
                None => Err(GraftError::NoPlace),
                Some(members) if members.contains_key(*name) => {
                    Err(JsonError::DuplicateName.into())
                }
                Some(members) if members.len() >= bounds.members => {
                    Err(JsonError::TooManyMembers.into())
                }
                Some(members) => in_bounds(&path, &value, bounds).map(|()| {
                    members.insert((*name).to_owned(), value);
                }),
            };
            (expected, grafts.add(place, *name, new).map(drop))
        }
        Op::Replace(_, name, new) => {
            let Some((value, new)) = create(new, text, model, grafts) else { return };
            let slot = target.as_object_mut().and_then(|members| members.get_mut(*name));
            let expected = slot
                .ok_or(GraftError::NoPlace)
                .and_then(|slot| in_bounds(&path, &value, bounds).map(|()| *slot = value));
            (expected, grafts.replace(place, name, new).map(drop))
        }
        Op::Hide(_, name) => {
            let hidden = target.as_object_mut().and_then(|members| members.remove(*name));
            (hidden.map(drop).ok_or(GraftError::NoPlace), grafts.hide(place, name))
        }
        Op::ReplaceElement(_, at, new) => {
            let Some((value, new)) = create(new, text, model, grafts) else { return };
            let slot = target.as_array_mut().and_then(|elements| elements.get_mut(*at));
            let expected = slot
                .ok_or(GraftError::NoPlace)
                .and_then(|slot| in_bounds(&path, &value, bounds).map(|()| *slot = value));
            let element = grafts.elements(place).nth(*at).ok_or(GraftError::NoPlace);
            (expected, element.and_then(|at| grafts.replace_element(at, new).map(drop)))
        }
        Op::RemoveElement(_, at) => {
            let elements = target.as_array_mut().filter(|elements| *at < elements.len());
            let expected = elements.map(|elements| drop(elements.remove(*at)));
            let element = grafts.elements(place).nth(*at).ok_or(GraftError::NoPlace);
            (expected.ok_or(GraftError::NoPlace), element.and_then(|at| grafts.remove_element(at)))
        }
    };
    if found != Err(JsonError::TooManyValues.into()) {
        assert_eq!(found, expected, "{op:?}");
    }
    if found.is_ok() {
        *model = changed;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn every_reader_sees_the_same_grafts(
        members in vec((name(), model()), 0..6),
        ops in vec(op(), 0..10),
        depth in 6..9_usize,
        values in 60..300_usize,
        most_members in 6..8_usize,
    ) {
        let mut model = object(members);
        let bounds = Bounds { depth, values, members: most_members, lenient_keys: false };
        let text = serde_json::to_vec(&model).unwrap();
        let texts: Vec<_> = ops.iter().map(fragment_text).collect();
        let mut document = Document::new();
        prop_assume!(document.read(&text, bounds).is_ok());
        for (op, text) in ops.iter().zip(&texts) {
            apply(op, text, &mut model, &mut document.grafts(bounds, &Tested), bounds);
            expect_seen(&document, &model);
            prop_assert!(document.len() <= values);
        }
    }
}
