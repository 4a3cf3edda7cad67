from dataclasses import dataclass
from pathlib import Path

class GoogleColabState:
    def __init__(self) -> None: ...

class MissingCredentialsError(Exception): ...

@dataclass(frozen=True)
class AuthCredentials:
    scheme: str
    token: str
    @property
    def header_value(self) -> str: ...
    def as_headers(self) -> dict[str, str]: ...

FAL_RUN_HOST: str
FAL_QUEUE_RUN_HOST: str
AUTH0_DOMAIN: str
AUTH0_TOKEN_URL: str
AUTH0_CLIENT_ID: str
AUTH_TOKEN_FILENAME: str
AUTH_LOCK_FILENAME: str
DEFAULT_FAL_HOME: Path
MISSING_CREDENTIALS_MESSAGE: str

def is_google_colab() -> bool: ...
def get_colab_token() -> str | None: ...
def fetch_auth_credentials() -> AuthCredentials: ...
async def fetch_auth_credentials_async() -> AuthCredentials: ...
def fetch_credentials() -> str: ...
