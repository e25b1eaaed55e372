//! One timer for whatever is due next, made only when something is.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::time::{Instant, Sleep, sleep_until};

/// A timer. It may have been set earlier than what is due now: then it is set anew when it rings.
#[derive(Debug, Default)]
pub(super) struct Alarm(Option<Pin<Box<Sleep>>>);

impl Alarm {
    /// Ready when it is time.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, due: Option<Instant>) -> Poll<()> {
        let Some(due) = due else {
            self.0 = None;
            return Poll::Pending;
        };
        let sleep = self.0.get_or_insert_with(|| Box::pin(sleep_until(due)));
        if due < sleep.deadline() {
            sleep.as_mut().reset(due);
        }
        while sleep.as_mut().poll(cx).is_ready() {
            if due <= Instant::now() {
                self.0 = None;
                return Poll::Ready(());
            }
            sleep.as_mut().reset(due);
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn it_rings_when_it_is_time_whatever_was_due_before() {
        let begin = Instant::now();
        let at = |ms| begin + Duration::from_millis(ms);
        let mut alarm = Alarm::default();
        for (first, then) in [(5, 10), (60_000, 20)] {
            poll_fn(|cx| {
                assert!(alarm.poll(cx, Some(at(first))).is_pending());
                Poll::Ready(())
            })
            .await;
            poll_fn(|cx| alarm.poll(cx, Some(at(then)))).await;
            assert!(Instant::now() >= at(then));
        }
        poll_fn(|cx| {
            assert!(alarm.poll(cx, None).is_pending() && alarm.0.is_none());
            Poll::Ready(())
        })
        .await;
    }
}
