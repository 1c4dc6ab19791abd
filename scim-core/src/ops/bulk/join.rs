//! Waiting for many futures at once, without a runtime.

use std::{
    collections::BTreeSet,
    future::poll_fn,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, Wake, Waker},
};

/// Runs all futures and answers their outputs in order.
///
/// They are first polled in order, so that a store meets their writes together and in that order;
/// later only those are polled that were woken.
pub(super) async fn join_all<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let woken = Arc::new(Woken::new(futures.len()));
    let child = |(index, future)| {
        let waker = Waker::from(Arc::new(ChildWaker { index, woken: woken.clone() }));
        Child { state: State::Running(Box::pin(future)), waker }
    };
    let mut children: Vec<_> = futures.into_iter().enumerate().map(child).collect();
    let mut running = children.len();
    poll_fn(|cx| {
        for index in woken.take(cx.waker()) {
            let Some(child) = children.get_mut(index) else { continue };
            running = running.saturating_sub(child.poll());
        }
        if running == 0 { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    children.into_iter().filter_map(Child::output).collect()
}

struct Child<F: Future> {
    state: State<F>,
    waker: Waker,
}

enum State<F: Future> {
    Running(Pin<Box<F>>),
    Done(F::Output),
}

impl<F: Future> Child<F> {
    /// How many futures this finished: none or one.
    fn poll(&mut self) -> usize {
        let State::Running(future) = &mut self.state else { return 0 };
        match future.as_mut().poll(&mut Context::from_waker(&self.waker)) {
            Poll::Pending => 0,
            Poll::Ready(output) => {
                self.state = State::Done(output);
                1
            }
        }
    }

    fn output(self) -> Option<F::Output> {
        match self.state {
            State::Done(output) => Some(output),
            State::Running(_) => None,
        }
    }
}

/// Which futures want to be polled, and who waits for them.
struct Woken(Mutex<(BTreeSet<usize>, Waker)>);

impl Woken {
    fn new(count: usize) -> Self {
        Self(Mutex::new(((0..count).collect(), Waker::noop().clone())))
    }

    fn take(&self, parent: &Waker) -> BTreeSet<usize> {
        let mut woken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        woken.1.clone_from(parent);
        std::mem::take(&mut woken.0)
    }

    fn add(&self, index: usize) {
        let mut woken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        woken.0.insert(index);
        let parent = woken.1.clone();
        // Waking may poll at once.
        drop(woken);
        parent.wake();
    }
}

struct ChildWaker {
    index: usize,
    woken: Arc<Woken>,
}

impl Wake for ChildWaker {
    fn wake(self: Arc<Self>) {
        self.woken.add(self.index);
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, thread};

    use super::*;

    /// Pending as often as it is told, waking itself each time from another thread.
    async fn pending(mut times: usize, polls: &RefCell<Vec<usize>>, name: usize) -> usize {
        poll_fn(|cx| {
            polls.borrow_mut().push(name);
            if times == 0 {
                return Poll::Ready(());
            }
            times -= 1;
            let waker = cx.waker().clone();
            thread::spawn(move || waker.wake());
            Poll::Pending
        })
        .await;
        name
    }

    #[test]
    fn outputs_keep_their_order_and_only_the_woken_are_polled() {
        let polls = RefCell::new(Vec::new());
        let futures = [3, 0, 1, 5].into_iter().enumerate();
        let futures = futures.map(|(name, times)| pending(times, &polls, name)).collect();
        assert_eq!(pollster::block_on(join_all(futures)), [0, 1, 2, 3]);
        let polls = polls.into_inner();
        assert_eq!(polls.get(..4), Some(&[0, 1, 2, 3][..]));
        assert_eq!(polls.len(), 4 + 1 + 2 + 6);
    }

    #[test]
    fn nothing_to_wait_for_is_done_at_once() {
        let none: Vec<std::future::Ready<()>> = Vec::new();
        assert!(pollster::block_on(join_all(none)).is_empty());
    }
}
