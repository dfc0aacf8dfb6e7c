"""Settings shared by all tests."""

from hypothesis import HealthCheck, settings

# Property tests draw the same examples on every machine and never fail for being slow on a busy one.
settings.register_profile(
    "partystate",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("partystate")
