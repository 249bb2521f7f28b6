"""A configured provider, and where its credentials stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kling_pipe.values.prices import OwnPrices, no_own_prices
from kling_pipe.values.span import Span

usual_expires = 3600.0  # seconds that a signed address lives


@dataclass(frozen=True, slots=True)
class CredentialSource:
    """Where a credential stands, never the credential: the name of an environment variable, or of a file."""

    variable: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class FolderUploads:
    """An uploader: files put into `directory` are served under `base_url` by somebody else."""

    directory: str  # absolute
    base_url: str


@dataclass(frozen=True, slots=True)
class BucketUploads:
    """An uploader: files are put into a bucket and handed over by signed addresses that live for `expires` seconds.

    Keys that are not named stand where the store's own tools look for them.
    """

    scheme: str  # `s3`, `gs` or `az`
    bucket: str
    prefix: str = ""
    expires: float = usual_expires
    endpoint: str = ""
    region: str = ""
    access_key: CredentialSource | None = None
    secret_key: CredentialSource | None = None
    session_token: CredentialSource | None = None
    span: Span | None = None

    def __str__(self) -> str:
        return f"{self.scheme}://{self.bucket}"


Uploads = FolderUploads | BucketUploads


@dataclass(frozen=True, slots=True)
class Host:
    """A further address of a service, such as the one for uploads; `variable` is an environment variable that overrides
    it."""

    base_url: str
    variable: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """A configured provider. `limits` holds places per product (`image`, `video`, `audio`); `poll_seconds` the least
    time between two looks at the same tasks."""

    name: str
    type: str
    base_url: str = ""
    base_url_variable: str = ""  # an environment variable that overrides base_url
    api_key: CredentialSource | None = None
    access_key: CredentialSource | None = None
    secret_key: CredentialSource | None = None
    webhook_secret: CredentialSource | None = None  # callbacks are signed with it
    limits: Mapping[str, int] = field(default_factory=dict)
    poll_seconds: float = 2.0
    uploads: Uploads | None = None
    allow_unknown_models: bool = False
    hosts: Mapping[str, Host] = field(default_factory=dict)
    user: CredentialSource | None = None  # a user's id, which some services want beside the key
    transport: str = ""  # empty for HTTP, or `executable`
    executable: str = ""  # its path or name
    models: Mapping[str, str] = field(default_factory=dict)  # the account's own ids, by `MODEL` or `KIND/MODEL`
    models_at: Mapping[str, Span] = field(default_factory=dict)  # where they are written
    prices: OwnPrices = no_own_prices  # of this profile, over the project's
    units_usd: Mapping[str, str] = field(default_factory=dict)  # what a unit of a pack costs, over the project's
    media_hosts: tuple[str, ...] = ()  # private hosts that outputs may be fetched from, such as `127.0.0.1:8700`
    span: Span | None = None
