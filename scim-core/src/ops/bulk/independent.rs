//! Operations that succeed or fail each on its own (RFC 7644 §3.7).
//!
//! They are carried out in runs: the operations of a run are prepared side by side and committed
//! in rounds, so that the store meets as many writes together as possible. Whatever could tell the
//! difference from one after the other ends a run or waits for the next round: a resource that is
//! written twice, a reference to what is not there yet, a unique value that two compete for.

use std::collections::{BTreeMap, HashSet, VecDeque};

use serde_json::Value;

use super::{
    BulkAnswer,
    footprint::{Footprint, Sight, Terms, Touched, footprints},
    graph,
    join::join_all,
    step::{Attempted, Finished, Member, Step, broken_circle},
    uniqueness::UniqueValues,
    work::Work,
};
use crate::{
    hooks::Reading,
    ops::{Context, Engine, relations::asks_for_edges},
};

/// How many operations a run has at the most: each holds the document that it changes.
const RUN: usize = 128;

/// A Bulk request on its way.
pub(super) struct Independent<'a> {
    engine: &'a Engine,
    context: &'a mut Context,
    work: Work,
    footprints: Vec<Footprint>,
    terms: Terms,
    fail_on_errors: Option<usize>,
    answers: BTreeMap<usize, BulkAnswer>,
}

impl<'a> Independent<'a> {
    pub(super) fn new(
        engine: &'a Engine,
        context: &'a mut Context,
        work: Work,
        fail_on_errors: Option<usize>,
    ) -> Self {
        let footprints = footprints(&work);
        let terms = Terms { ids: engine.capabilities.ids, sight: sight(engine, context) };
        let answers = BTreeMap::new();
        Self { engine, context, work, footprints, terms, fail_on_errors, answers }
    }

    pub(super) async fn run(mut self) -> Vec<BulkAnswer> {
        let references: Vec<_> = self.footprints.iter().map(|it| it.references.clone()).collect();
        let mut steps = VecDeque::from(graph::steps(&references));
        while !steps.is_empty() && !self.has_failed_enough() {
            let run = self.next_run(&mut steps);
            let prepared = self.prepare(run).await;
            self.commit(prepared).await;
        }
        self.answers.into_values().collect()
    }

    fn has_failed_enough(&self) -> bool {
        let failed = self.answers.values().filter(|answer| answer.result.is_err()).count();
        self.fail_on_errors.is_some_and(|limit| failed >= limit)
    }

    /// The next steps that can be prepared side by side. Where failures are counted there is one.
    fn next_run(&self, steps: &mut VecDeque<Vec<usize>>) -> Vec<Vec<usize>> {
        let limit = if self.fail_on_errors.is_some() { 1 } else { RUN };
        let mut touched = Touched::default();
        let mut run = Vec::new();
        while let Some(step) = steps.pop_front() {
            let footprints = || step.iter().filter_map(|index| self.footprints.get(*index));
            let fits = footprints().all(|it| touched.admits(it, self.terms));
            if !run.is_empty() && (run.len() == limit || !fits) {
                steps.push_front(step);
                break;
            }
            footprints().for_each(|it| touched.add(it));
            run.push(step);
        }
        run
    }

    /// Prepares all operations of a run and answers with the steps that can be committed.
    async fn prepare(&mut self, run: Vec<Vec<usize>>) -> Vec<Step> {
        let bodies: Vec<_> = run.iter().flatten().map(|index| self.take_data(*index)).collect();
        let all = run.iter().flatten().zip(bodies);
        let all = all.map(|(index, taken)| self.attempt(*index, taken)).collect();
        let mut attempted = join_all(all).await.into_iter();
        let mut prepared = Vec::new();
        for step in run {
            let attempted = attempted.by_ref().take(step.len()).collect();
            prepared.extend(self.keep_whole(attempted));
        }
        prepared
    }

    /// The body of an operation that is attempted only once: it refers to nothing.
    fn take_data(&mut self, index: usize) -> Option<Value> {
        let is_plain = self.footprints.get(index).is_some_and(|it| !it.names_any);
        is_plain.then(|| self.work.take_data(index)).flatten()
    }

    async fn attempt(&self, index: usize, taken: Option<Value>) -> Attempted {
        let mut context = self.context.of_operation();
        let state = match self.work.edit(self.engine, &context.caller(), index, taken) {
            Ok(edit) => self.engine.prepare(&mut context, edit, None).await,
            Err(error) => Err(error.into()),
        };
        Member { index, context, state }
    }

    /// A step, if all of it could be prepared; otherwise none of it will be done.
    fn keep_whole(&mut self, attempted: Vec<Attempted>) -> Option<Step> {
        if attempted.iter().all(|it| it.state.is_ok()) {
            let ready = |it: Attempted| {
                let Member { index, context, state } = it;
                state.ok().map(|state| Member { index, context, state })
            };
            return Some(attempted.into_iter().filter_map(ready).collect());
        }
        for Member { index, context, state } in attempted {
            let failure = state.err().unwrap_or_else(broken_circle);
            self.record(Member { index, context, state: Err(failure) });
        }
        None
    }

    async fn commit(&mut self, mut waiting: Vec<Step>) {
        while !waiting.is_empty() {
            let (round, later) = self.next_round(waiting);
            let mut current = Vec::new();
            for step in round {
                current.extend(self.renewed(step).await);
            }
            for finished in self.engine.commit_round(current).await {
                self.record(finished);
            }
            waiting = later;
        }
    }

    /// The steps that can be committed side by side, and those that have to wait for them. The
    /// first never waits.
    fn next_round(&self, waiting: Vec<Step>) -> (Vec<Step>, Vec<Step>) {
        let uncommitted: HashSet<usize> = waiting.iter().flatten().map(|it| it.index).collect();
        let names = self.context.behaviour.unique_names;
        let mut values = UniqueValues::default();
        let (mut round, mut later) = (Vec::new(), Vec::new());
        for step in waiting {
            let own: HashSet<usize> = step.iter().map(|it| it.index).collect();
            let mut references = self.references(&step);
            let refers = references.any(|it| uncommitted.contains(&it) && !own.contains(&it));
            drop(references);
            let of_step = UniqueValues::of(step.iter().map(|it| &it.state.proposal), names);
            let competes = of_step.compete_with(&values);
            values.absorb(of_step);
            if refers || competes { later.push(step) } else { round.push(step) }
        }
        (round, later)
    }

    /// A step as it is, or prepared anew if it was prepared under an assumption about what it
    /// refers to that turned out to be wrong.
    async fn renewed(&mut self, step: Step) -> Option<Step> {
        if !self.references(&step).any(|it| self.work.is_surprise(it)) {
            return Some(step);
        }
        let mut attempted = Vec::new();
        for member in step {
            attempted.push(self.attempt(member.index, None).await);
        }
        self.keep_whole(attempted)
    }

    fn references(&self, step: &Step) -> impl Iterator<Item = usize> {
        let footprints = step.iter().filter_map(|it| self.footprints.get(it.index));
        footprints.flat_map(|it| it.references.iter().copied())
    }

    fn record(&mut self, finished: Finished) {
        let Member { index, context, state } = finished;
        self.context.notes.append(context.notes);
        self.work.learn(index, state.as_ref().ok().map(|(key, _)| &key.id));
        let answer = self.work.answer(index, state);
        self.answers.insert(index, answer);
    }
}

/// A policy that cannot be read says so to each operation.
fn sight(engine: &Engine, context: &Context) -> Sight {
    let types = engine.registry.resource_types().iter();
    let sight_of = |it| match engine.visible(context, it, Reading::One) {
        Ok(None) => Sight::Everything,
        Ok(Some(visible)) if asks_for_edges(&visible) => Sight::Edges,
        Ok(Some(_)) | Err(_) => Sight::Documents,
    };
    types.map(|it| sight_of(it)).max().unwrap_or(Sight::Everything)
}
