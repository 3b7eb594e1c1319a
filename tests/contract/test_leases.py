"""What every lease store does: one holder at a time of each resource."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from task_cases import START, StoppedClock

from indexer.errors import InputError, LostLeaseError
from indexer.store.task_protocol import LeaseStore
from indexer.store.task_records import Lease

SHOP = "index:shop"
CALLS: dict[str, Callable[[LeaseStore, Lease], None]] = {
    "renew": lambda store, lease: store.renew(lease, 30),
    "release": lambda store, lease: store.release(lease),
    "check": lambda store, lease: store.check(lease),
}


def acquire(store: LeaseStore, holder: str = "cli", resource: str = SHOP) -> Lease:
    lease = store.acquire(resource, holder, 30)
    assert lease is not None
    return lease


def test_a_free_resource_is_acquired(leases: LeaseStore) -> None:
    lease = acquire(leases)
    assert lease == Lease(SHOP, "cli", 1, START, START + timedelta(seconds=30))
    assert leases.holder(SHOP) == lease
    assert leases.holder("index:toys") is None
    leases.check(lease)


@pytest.mark.parametrize("holder", ["worker", "cli"])
def test_a_held_resource_is_not_acquired(leases: LeaseStore, holder: str) -> None:
    lease = acquire(leases)
    assert leases.acquire(SHOP, holder, 30) is None
    assert leases.holder(SHOP) == lease
    assert acquire(leases, "worker", "index:toys").token == 1


def test_a_released_resource_is_free_at_once(leases: LeaseStore) -> None:
    leases.release(acquire(leases))
    assert leases.holder(SHOP) is None
    assert acquire(leases, "worker").token == 2


def test_a_lease_that_ran_out_is_taken_over(leases: LeaseStore, clock: StoppedClock) -> None:
    first = acquire(leases)
    clock.pass_s(29.999)
    leases.check(first)
    assert leases.acquire(SHOP, "worker", 30) is None
    clock.pass_s(0.001)
    assert leases.holder(SHOP) is None
    second = acquire(leases, "worker")
    assert (second.token, second.holder, second.acquired_at) == (2, "worker", clock.now)
    assert leases.holder(SHOP) == second


def test_a_renewed_lease_does_not_run_out(leases: LeaseStore, clock: StoppedClock) -> None:
    lease = acquire(leases)
    for _ in range(5):
        clock.pass_s(20)
        leases.check(lease)
        leases.renew(lease, 30)
        assert leases.acquire(SHOP, "worker", 30) is None
    held = leases.holder(SHOP)
    assert held is not None
    assert (held.acquired_at, held.lease_until) == (START, clock.now + timedelta(seconds=30))


def test_a_lease_that_ran_out_is_told_and_can_be_renewed_while_nobody_took_it(
    leases: LeaseStore, clock: StoppedClock
) -> None:
    lease = acquire(leases)
    clock.pass_s(30)
    with pytest.raises(LostLeaseError, match="lease 1 of 'cli' on 'index:shop' has run out; stop the work"):
        leases.check(lease)
    leases.renew(lease, 30)
    leases.check(lease)


@pytest.mark.parametrize("call", CALLS)
def test_a_holder_that_was_replaced_is_refused(leases: LeaseStore, clock: StoppedClock, call: str) -> None:
    first = acquire(leases)
    clock.pass_s(30)
    second = acquire(leases, "worker")
    with pytest.raises(LostLeaseError, match="lease 1 of 'cli' on 'index:shop' is over: 'worker' got it, as lease 2"):
        CALLS[call](leases, first)
    assert leases.holder(SHOP) == second


@pytest.mark.parametrize("call", CALLS)
def test_a_released_lease_is_over(leases: LeaseStore, call: str) -> None:
    lease = acquire(leases)
    leases.release(lease)
    with pytest.raises(LostLeaseError, match="is over: nobody holds it"):
        CALLS[call](leases, lease)
    assert leases.holder(SHOP) is None


@pytest.mark.parametrize(("resource", "holder"), [("", "cli"), (SHOP, ""), ("r" * 256, "cli"), (SHOP, "h" * 256)])
def test_names_have_a_length(leases: LeaseStore, resource: str, holder: str) -> None:
    with pytest.raises(InputError, match="wanted: 1 to 255"):
        leases.acquire(resource, holder, 30)
