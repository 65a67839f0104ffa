from threadpoolctl import threadpool_info

from mlproject.threads import limit_threads


def test_libraries_use_as_many_threads_as_asked_for_and_then_as_before():
    before = [pool["num_threads"] for pool in threadpool_info()]
    with limit_threads(1):
        assert {pool["num_threads"] for pool in threadpool_info()} == {1}
    assert [pool["num_threads"] for pool in threadpool_info()] == before
