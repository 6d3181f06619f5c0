"""Database addresses over a Unix socket, which the URL parser of django-environ does not know."""

from urllib.parse import unquote, urlsplit


def socket_folder(database_url: str) -> dict[str, str]:
    """Return Django's HOST and PORT for `postgresql://u:p@%2Ffolder/db`; nothing for an address over TCP.

    `urlsplit().hostname` is of no use here: it makes a folder's name lower case.
    """
    host = unquote(urlsplit(database_url).netloc.rpartition("@")[2])
    return {"HOST": host, "PORT": ""} if host.startswith("/") else {}
