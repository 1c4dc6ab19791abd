//! In which order operations can be carried out that refer to each other.

/// Steps in the order in which they can be carried out: the operations of a step refer to each
/// other in a circle, directly or not, and any other operation is a step of its own.
///
/// A step comes after all that it refers to, and otherwise where the request has it.
/// `references` holds for each operation the operations that it refers to.
pub(super) fn steps(references: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut search = Search {
        references,
        nodes: vec![Node::default(); references.len()],
        open: Vec::new(),
        entered: 0,
        steps: Vec::new(),
    };
    for root in 0..references.len() {
        search.visit(root);
    }
    search.steps
}

/// Tarjan's search for strongly connected components, with its own stack: chains of references
/// are as long as clients make them.
struct Search<'a> {
    references: &'a [Vec<usize>],
    nodes: Vec<Node>,
    /// What was entered and belongs to no step yet.
    open: Vec<usize>,
    entered: usize,
    steps: Vec<Vec<usize>>,
}

#[derive(Clone, Copy, Default)]
struct Node {
    state: State,
    /// Position among what was entered.
    order: usize,
    /// The least position that is known to be reachable.
    low: usize,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    New,
    Open,
    Closed,
}

impl<'a> Search<'a> {
    fn visit(&mut self, root: usize) {
        if self.node(root).state != State::New {
            return;
        }
        let mut path = vec![self.enter(root)];
        while let Some((index, rest)) = path.last_mut() {
            let index = *index;
            let Some(next) = rest.next() else {
                path.pop();
                self.leave(index);
                if let Some((parent, _)) = path.last() {
                    self.lower(*parent, self.node(index).low);
                }
                continue;
            };
            match self.node(*next).state {
                State::New => path.push(self.enter(*next)),
                State::Open => self.lower(index, self.node(*next).order),
                State::Closed => {}
            }
        }
    }

    fn enter(&mut self, index: usize) -> (usize, std::slice::Iter<'a, usize>) {
        let order = self.entered;
        self.entered = self.entered.saturating_add(1);
        self.open.push(index);
        if let Some(node) = self.nodes.get_mut(index) {
            *node = Node { state: State::Open, order, low: order };
        }
        let references = self.references.get(index).map_or(&[][..], Vec::as_slice);
        (index, references.iter())
    }

    /// Closes the step that begins with this operation, if one does.
    fn leave(&mut self, index: usize) {
        let node = self.node(index);
        if node.low != node.order {
            return;
        }
        let begin = self.open.iter().rposition(|open| *open == index).unwrap_or_default();
        let mut step = self.open.split_off(begin);
        step.sort_unstable();
        for closed in &step {
            if let Some(node) = self.nodes.get_mut(*closed) {
                node.state = State::Closed;
            }
        }
        self.steps.push(step);
    }

    fn lower(&mut self, index: usize, low: usize) {
        if let Some(node) = self.nodes.get_mut(index) {
            node.low = node.low.min(low);
        }
    }

    /// An operation beyond the last refers to nothing.
    fn node(&self, index: usize) -> Node {
        let beyond = Node { state: State::Closed, ..Node::default() };
        self.nodes.get(index).copied().unwrap_or(beyond)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn operations_follow_what_they_refer_to() {
        // B-016, B-019, B-020, B-021
        type Case<'a> = (&'a [&'a [usize]], &'a [&'a [usize]]);
        let cases: [Case<'_>; 9] = [
            (&[], &[]),
            (&[&[], &[], &[]], &[&[0], &[1], &[2]]),
            (&[&[], &[0]], &[&[0], &[1]]),
            (&[&[1], &[]], &[&[1], &[0]]),
            (&[&[0]], &[&[0]]),
            (&[&[1], &[0]], &[&[0, 1]]),
            (&[&[], &[3], &[], &[4], &[1], &[2]], &[&[0], &[1, 3, 4], &[2], &[5]]),
            (&[&[1, 3], &[2], &[1], &[]], &[&[1, 2], &[3], &[0]]),
            (&[&[7]], &[&[0]]),
        ];
        for (references, expected) in cases {
            let references: Vec<_> = references.iter().map(|it| it.to_vec()).collect();
            assert_eq!(steps(&references), expected, "{references:?}");
        }
    }

    #[test]
    fn long_chains_and_circles_need_no_stack() {
        let count = 200_000;
        let chain: Vec<_> = (1..=count).map(|next| vec![next]).collect();
        let first = steps(&chain).first().cloned();
        assert_eq!(first, Some(vec![count - 1]));
        let circle: Vec<_> = (1..=count).map(|next| vec![next % count]).collect();
        assert_eq!(steps(&circle).len(), 1);
    }

    /// All pairs of which the first leads to the second.
    fn reach(references: &[Vec<usize>]) -> HashSet<(usize, usize)> {
        let direct =
            |(from, to): (usize, &Vec<usize>)| to.iter().map(|to| (from, *to)).collect::<Vec<_>>();
        let mut pairs: HashSet<_> = references.iter().enumerate().flat_map(direct).collect();
        loop {
            let joined = pairs.iter().flat_map(|(from, via)| {
                let next = pairs.iter().filter(move |(start, _)| start == via);
                next.map(|(_, to)| (*from, *to))
            });
            let all: HashSet<_> = joined.chain(pairs.iter().copied()).collect();
            if all.len() == pairs.len() {
                return all;
            }
            pairs = all;
        }
    }

    proptest! {
        #[test]
        fn steps_are_circles_in_the_order_of_references(
            references in prop::collection::vec(prop::collection::vec(0_usize..8, 0..3), 0..8)
        ) {
            let count = references.len();
            let references: Vec<Vec<_>> = references
                .into_iter()
                .map(|to| to.into_iter().filter(|it| *it < count).collect())
                .collect();
            let steps = steps(&references);
            let mut all: Vec<_> = steps.iter().flatten().copied().collect();
            all.sort_unstable();
            prop_assert_eq!(all, (0..count).collect::<Vec<_>>());
            let reach = reach(&references);
            let place = |it: usize| steps.iter().position(|step| step.contains(&it)).unwrap();
            for from in 0..count {
                for to in (0..count).filter(|to| *to != from) {
                    let circular = reach.contains(&(from, to)) && reach.contains(&(to, from));
                    prop_assert_eq!(place(from) == place(to), circular);
                    prop_assert!(!reach.contains(&(from, to)) || place(to) <= place(from));
                }
            }
        }
    }
}
