//! SQL functions that ask `query::eval` about a row, so that a filter means the same here as
//! everywhere.
//!
//! A statement carries numbers of leaves; what they stand for is set while it runs. A connection
//! runs one statement of ours at a time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use memchr::memmem::Finder;
use rusqlite::{
    Connection,
    functions::{Context, FunctionFlags},
};
use scim_core::{
    Document, Meta, Object,
    query::{Predicate, Reach, Side, SortKey, Standalone, Subject, eval_within, sort_value},
    schema::Relation,
    store::{Edge, EdgePath},
};

use crate::{attached::Attached, budget::Budget, column::meta};

/// What a number in a statement stands for.
#[derive(Clone, Debug)]
pub(crate) enum Leaf {
    /// A part of a filter without relations.
    Match(Predicate),
    /// A test on the value object of one edge.
    Edge(Predicate, Arc<Attached>),
    /// A sort key.
    Key(SortKey),
}

/// The arguments of a function that looks at a row `r`, after the leaf's number.
pub(crate) const ROW: &str = "r.row, r.id, r.version, r.revision, r.created, r.last_modified, \
                              r.visible, r.hidden";

/// What the numbers in a statement stand for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Leaves {
    leaves: Arc<[Leaf]>,
    /// Names of the members of a document that they look at.
    members: Arc<[Box<str>]>,
}

impl From<Vec<Leaf>> for Leaves {
    fn from(leaves: Vec<Leaf>) -> Self {
        let members = leaves.iter().flat_map(Leaf::members).map(Into::into).collect();
        Self { leaves: leaves.into(), members }
    }
}

impl Leaf {
    fn members(&self) -> Vec<&str> {
        match self {
            Self::Match(filter) => filter.members(),
            Self::Key(key) => vec![key.attribute.member()],
            Self::Edge(..) => Vec::new(),
        }
    }
}

/// The leaves of the statement that a connection is running.
pub(crate) struct Evaluation {
    state: Mutex<State>,
    budget: Budget,
}

#[derive(Default)]
struct State {
    leaves: Leaves,
    /// The row that was looked at last: several leaves ask about the same one.
    last: Option<Looked>,
}

struct Looked {
    row: i64,
    id: String,
    meta: Meta,
    values: Object,
}

type Error = Box<dyn std::error::Error + Send + Sync>;

const SPENT: &str = "the budget is spent";

impl Evaluation {
    /// The functions of a connection with this budget.
    pub(crate) fn new(budget: Budget) -> Self {
        Self { state: Mutex::default(), budget }
    }

    /// Runs statements in which these leaves are meant.
    pub(crate) fn with<T>(&self, leaves: &Leaves, run: impl FnOnce() -> T) -> T {
        if leaves.leaves.is_empty() {
            return run();
        }
        *self.state() = State { leaves: leaves.clone(), last: None };
        let _meant = Meant(self);
        run()
    }

    /// Makes the functions known to a connection.
    pub(crate) fn register(self: &Arc<Self>, sql: &Connection) -> rusqlite::Result<()> {
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DIRECTONLY;
        let this = self.clone();
        sql.create_scalar_function("scim_match", 9, flags, move |it| failing(this.matches(it)))?;
        let this = self.clone();
        sql.create_scalar_function("scim_key", 9, flags, move |it| failing(this.key(it)))?;
        let this = self.clone();
        sql.create_scalar_function("scim_edge", 5, flags, move |it| failing(this.edge(it)))?;
        let fixed = flags | FunctionFlags::SQLITE_DETERMINISTIC;
        let this = self.clone();
        sql.create_scalar_function("scim_contains", 2, fixed, move |it| {
            failing(this.count(1).and_then(|()| contains(it)))
        })?;
        let this = self.clone();
        sql.create_scalar_function("scim_ends", 2, fixed, move |it| {
            failing(this.count(1).and_then(|()| ends(it)))
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn matches(&self, arguments: &Context<'_>) -> Result<bool, Error> {
        let mut state = self.state();
        match state.leaves.leaves.clone().get(arguments.get::<usize>(0)?) {
            Some(Leaf::Match(predicate)) => {
                self.count(predicate.comparisons())?;
                self.eval(predicate, &state.look(arguments)?.subject())
            }
            _ => Err("the leaf is not a filter".into()),
        }
    }

    /// Fails when the statement may not make so many comparisons any more.
    fn count(&self, comparisons: usize) -> Result<(), Error> {
        let is_within = self.budget.compare(comparisons);
        is_within.then_some(()).ok_or_else(|| SPENT.into())
    }

    /// The key after a zero, so that keys sort before the absence of one, which is a one.
    fn key(&self, arguments: &Context<'_>) -> Result<Vec<u8>, Error> {
        let mut state = self.state();
        let leaves = state.leaves.leaves.clone();
        let Some(Leaf::Key(sort_key)) = leaves.get(arguments.get::<usize>(0)?) else {
            return Err("the leaf is not a sort key".into());
        };
        self.count(1)?;
        Ok(match sort_value(sort_key, &state.look(arguments)?.subject()) {
            Some(value) => [&[0], &*value.to_key()].concat(),
            None => vec![1],
        })
    }

    fn edge(&self, arguments: &Context<'_>) -> Result<bool, Error> {
        let leaves = self.state().leaves.leaves.clone();
        let Some(Leaf::Edge(predicate, attached)) = leaves.get(arguments.get::<usize>(0)?) else {
            return Err("the leaf is not a test on edges".into());
        };
        self.count(predicate.comparisons())?;
        let type_name: String = arguments.get(2)?;
        let Some(resource_type) = attached.types.named(&type_name) else {
            return Ok(false);
        };
        let edge = Edge {
            id: arguments.get::<String>(1)?.into(),
            resource_type: resource_type.clone(),
            label: arguments.get(3)?,
            path: if arguments.get(4)? { EdgePath::Direct } else { EdgePath::Indirect },
        };
        self.eval(predicate, &OneEdge { edge, values: Object::new(), meta: meta(0, 0, 0, 0) })
    }

    fn eval(&self, predicate: &Predicate, subject: &dyn Subject) -> Result<bool, Error> {
        let matches = eval_within(predicate, subject, &|more| self.budget.compare_more(more));
        matches.ok_or_else(|| SPENT.into())
    }
}

/// Leaves that are meant until this is gone, with what was read for them.
struct Meant<'a>(&'a Evaluation);

impl Drop for Meant<'_> {
    fn drop(&mut self) {
        *self.0.state() = State::default();
    }
}

/// Whether a key contains another: `instr` takes several times as long.
fn contains(arguments: &Context<'_>) -> Result<bool, Error> {
    let finder = arguments.get_or_create_aux(1, |part| -> Result<_, Error> {
        Ok(Finder::new(part.as_bytes()?).into_owned())
    })?;
    Ok(finder.find(arguments.get_raw(0).as_bytes()?).is_some())
}

fn ends(arguments: &Context<'_>) -> Result<bool, Error> {
    let (key, end) = (arguments.get_raw(0).as_bytes()?, arguments.get_raw(1).as_bytes()?);
    Ok(key.ends_with(end))
}

fn failing<T>(outcome: Result<T, Error>) -> rusqlite::Result<T> {
    outcome.map_err(rusqlite::Error::UserFunctionError)
}

impl State {
    fn look(&mut self, arguments: &Context<'_>) -> Result<&Looked, Error> {
        let row: i64 = arguments.get(1)?;
        let looked = match self.last.take() {
            Some(looked) if looked.row == row => looked,
            _ => Looked::read(row, arguments, &self.leaves.members)?,
        };
        Ok(self.last.insert(looked))
    }
}

impl Looked {
    fn read(row: i64, arguments: &Context<'_>, members: &[Box<str>]) -> Result<Self, Error> {
        let members: Vec<_> = members.iter().map(|name| &**name).collect();
        let octets = |argument| -> Result<Vec<u8>, Error> {
            Ok(arguments.get_raw(argument).as_bytes()?.to_vec())
        };
        Ok(Self {
            row,
            id: arguments.get(2)?,
            meta: meta(arguments.get(3)?, arguments.get(4)?, arguments.get(5)?, arguments.get(6)?),
            values: Document::from_stored(octets(7)?, octets(8)?).members(&members)?.into_owned(),
        })
    }

    fn subject(&self) -> Standalone<'_> {
        Standalone { id: &self.id, meta: &self.meta, values: &self.values }
    }
}

/// A resource of which nothing is known but one edge.
struct OneEdge {
    edge: Edge,
    values: Object,
    meta: Meta,
}

impl Subject for OneEdge {
    fn id(&self) -> &str {
        ""
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn values(&self) -> &Object {
        &self.values
    }

    fn edges(&self, _: &Relation, _: Side, _: Reach) -> Vec<Edge> {
        vec![self.edge.clone()]
    }

    fn has_edge(&self, _: &Relation, _: Side, _: Reach, id: &str) -> bool {
        *self.edge.id == *id
    }
}
