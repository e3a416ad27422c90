"""Quotas: how much one user may keep and ask for, and that nobody else pays for it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ui.accounts import LOCAL, User
from ui.limits import LimitError, Limits, Quotas, TooLargeError, TooManyError

ANNA, BORIS = User("a1", "anna", False), User("b2", "Борис", False)
SMALL = Quotas(kept_bytes=1000, documents=10, libraries=2, upload_bytes=100, answers_at_once=2,
               requests_a_minute=60)  # fmt: skip


class Clock:
    now = 50.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limits(clock: Clock) -> Limits:
    return Limits(SMALL, clock=clock)


def test_so_many_answers_at_once_and_no_more(limits: Limits) -> None:
    with limits.admit(ANNA), limits.admit(ANNA):
        with pytest.raises(TooManyError) as refused, limits.admit(ANNA):
            pass
        assert refused.value.status == 429
        assert refused.value.headers == {"Retry-After": "5"}
        with limits.admit(BORIS):
            pass
    with limits.admit(ANNA):
        pass


def test_an_answer_that_fails_makes_room(limits: Limits) -> None:
    for _ in range(5):
        with pytest.raises(RuntimeError), limits.admit(ANNA):
            raise RuntimeError
    with limits.admit(ANNA), limits.admit(ANNA):
        pass


def test_threads_that_come_together_are_counted_one_by_one() -> None:
    limits, at_once = Limits(Quotas(answers_at_once=3)), 16
    ready, tried = threading.Barrier(at_once), threading.Barrier(at_once)

    def ask(_: int) -> bool:
        ready.wait(10)
        try:
            with limits.admit(ANNA):
                tried.wait(10)
        except TooManyError:
            tried.wait(10)
            return False
        return True

    with ThreadPoolExecutor(at_once) as pool:
        assert sum(pool.map(ask, range(at_once))) == 3


def test_requests_are_refused_above_the_pace_and_answered_again_later(
    limits: Limits, clock: Clock
) -> None:
    for _ in range(60):
        limits.count_request(ANNA)
    for _ in range(5):  # Being refused costs nothing, so that the wait that is told is true.
        with pytest.raises(TooManyError, match="in 1 s"):
            limits.count_request(ANNA)
    limits.count_request(BORIS)
    clock.now += 0.5
    with pytest.raises(TooManyError):
        limits.count_request(ANNA)
    clock.now += 0.5
    limits.count_request(ANNA)
    with pytest.raises(TooManyError):
        limits.count_request(ANNA)
    clock.now += 1000.0
    for _ in range(60):
        limits.count_request(ANNA)
    with pytest.raises(TooManyError):
        limits.count_request(ANNA)


def test_an_upload_of_just_the_limit_is_taken(limits: Limits) -> None:
    limits.check_upload(ANNA, 100)
    with pytest.raises(TooLargeError, match="100 bytes") as refused:
        limits.check_upload(ANNA, 101)
    assert refused.value.status == 413


@pytest.mark.parametrize(
    ("documents", "kept_bytes", "new", "new_bytes", "word"),
    [(10, 0, 1, 1, "documents"), (8, 0, 3, 1, "documents"), (1, 1000, 1, 1, "bytes"),
     (0, 0, 1, 1001, "bytes")],
)  # fmt: skip
def test_what_would_be_too_much_to_keep_is_refused(
    limits: Limits, documents: int, kept_bytes: int, new: int, new_bytes: int, word: str
) -> None:
    with pytest.raises(TooLargeError, match=word):
        limits.check_adding(
            ANNA, documents=documents, kept_bytes=kept_bytes, new=new, new_bytes=new_bytes
        )


def test_what_just_fits_is_taken(limits: Limits) -> None:
    limits.check_adding(ANNA, documents=9, kept_bytes=999, new=1, new_bytes=1)
    limits.check_libraries(ANNA, 1)
    with pytest.raises(LimitError, match="2 libraries"):
        limits.check_libraries(ANNA, 2)


def test_on_one_s_own_machine_only_uploads_and_answers_are_limited() -> None:
    limits = Limits(SMALL)
    for _ in range(1000):
        limits.count_request(LOCAL)
    limits.check_libraries(LOCAL, 1000)
    limits.check_adding(LOCAL, documents=10**6, kept_bytes=1 << 50, new=1, new_bytes=1)
    with pytest.raises(TooLargeError, match="2 GiB"):
        limits.check_upload(LOCAL, (2 << 30) + 1)
    limits.check_upload(LOCAL, 2 << 30)


def test_an_administrator_with_an_account_is_not_the_local_user() -> None:
    admin = User("c3", "root", True)
    with pytest.raises(LimitError):
        Limits(SMALL).check_libraries(admin, 2)
