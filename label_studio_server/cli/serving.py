"""Run the web server and the worker beside the database, until a signal asks to stop."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from label_studio_server import __version__
from label_studio_server.cli import console, programs
from label_studio_server.cli.browser import open_browser, redirect_page
from label_studio_server.cli.config_file import ConfigFile
from label_studio_server.cli.environment import (
    DEFAULT_USERNAME,
    load_bootstrap,
    local_files_environment,
    require_gevent,
    server_environment,
)
from label_studio_server.cli.first_project import MultiSession
from label_studio_server.cli.ml_backends import NamedBackend, ml_environment
from label_studio_server.cli.network import (
    DEFAULT_PORT,
    Endpoint,
    check_certificate,
    listen,
    wait_until_healthy,
)
from label_studio_server.cli.options import ProjectOptions, ServerOptions
from label_studio_server.embedded.errors import StartError, log_tail
from label_studio_server.embedded.layout import DataDirectory
from label_studio_server.embedded.ownership import Ownership
from label_studio_server.embedded.programs import Running
from label_studio_server.embedded.services import Services
from label_studio_server.embedded.supervisor import StopFlag, stop_flag, watch

HEALTHY_WITHIN = 90.0  # seconds


@dataclass(frozen=True)
class SignIn:
    """How the owner gets in: by the address alone, or as `name` with the chosen password."""

    address: str
    name: str | None


@dataclass(frozen=True)
class _Owner:
    username: str | None
    password: str | None

    @classmethod
    def chosen(cls, server: ServerOptions, config: ConfigFile) -> _Owner:
        """Return what the options say, else config.json."""
        password = server.password or config.text("password")
        username = server.username or config.text("username") or (DEFAULT_USERNAME if password else None)
        return cls(username, password)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What the options and config.json say together.

    Attributes:
        backends: models that the options name, besides those of config.json.
    """

    config: ConfigFile
    endpoint: Endpoint
    certificate: tuple[Path, Path] | None
    owner: _Owner
    backends: list[NamedBackend]


def serve(
    directory: DataDirectory,
    project: ProjectOptions,
    server: ServerOptions,
    available: Services,
    multi_session: MultiSession | None = None,
) -> None:
    """Serve a data directory whose servers run; return when a signal asked to stop.

    Args:
        directory: the data directory.
        project: where to listen, before what config.json says.
        available: the servers.
        multi_session: how everybody gets projects of their own; None is one project of the owner to begin with.

    Raises:
        CommandError: an option or a setting of config.json cannot be followed.
        StartError: a process ended at its start.
        GaveUpError: a process kept dying.
    """
    if available.ownership is None:
        raise RuntimeError("only the owner of a data directory serves it")
    chosen = _choose(directory, project, server)
    _tell_settings(chosen, directory, server, available, multi_session)
    gate = programs.Gate()
    web, worker = _children(directory, server, chosen, gate, available.ownership)
    with _stopped_at_the_end(web, worker):
        web.launch()  # loads while the database is brought up to date
        sign_in = _prepare_instance(directory, chosen, with_project=multi_session is None)
        # From the first answer on: an exception in the midst of a launch would leave a child behind.
        with stop_flag() as stop:
            gate.open()
            worker.launch()
            _wait_until_serving(web, worker, chosen.endpoint, stop)
            if not stop:
                available.ownership.publish_address(chosen.endpoint.base_url)
                _welcome(directory, chosen.endpoint, sign_in, server, multi_session)
                watch([*available.running, web, worker], stop=stop, report=console.warn)
        redirect_page(directory).unlink(missing_ok=True)
        console.say("Stopping.")


def _welcome(
    directory: DataDirectory,
    endpoint: Endpoint,
    sign_in: SignIn,
    server: ServerOptions,
    multi_session: MultiSession | None,
) -> None:
    _announce(directory, endpoint, sign_in, multi_session)
    if not server.no_browser:
        open_browser(directory, sign_in.address)


def _choose(directory: DataDirectory, project: ProjectOptions, server: ServerOptions) -> _Chosen:
    """Return what is to be served how; the port is taken from here on.

    Raises:
        CommandError: an option or a setting of config.json cannot be followed.
    """
    config = ConfigFile.read(directory.config_file)
    config.check()
    if server.use_gevent:
        require_gevent()
    certificate = _certificate(project, config)
    endpoint = _endpoint(project, config, secure=certificate is not None)
    backends = [NamedBackend.parse(text) for text in project.ml_backends or ()]
    return _Chosen(config, endpoint, certificate, _Owner.chosen(server, config), backends)


def _tell_settings(
    chosen: _Chosen,
    directory: DataDirectory,
    server: ServerOptions,
    available: Services,
    multi_session: MultiSession | None,
) -> None:
    """Put into the environment what the settings are to know."""
    os.environ.update(available.environment)
    os.environ.update(
        _environment(directory, chosen.config, server, chosen.endpoint, chosen.owner, multi_session)
    )
    backends = [*chosen.config.ml_backends, *chosen.backends]
    is_private = chosen.endpoint.is_local and multi_session is None
    os.environ.update(
        ml_environment(backends, is_private=is_private, for_new_projects=multi_session is not None)
    )


def _environment(
    directory: DataDirectory, config: ConfigFile, server: ServerOptions, endpoint: Endpoint, owner: _Owner,
    multi_session: MultiSession | None,
) -> dict[str, str]:  # fmt: skip
    """Return what the settings are to know of the options."""
    local_files = local_files_environment(server, config)
    if multi_session is None:
        chosen = server_environment(server, endpoint, username=owner.username, password=owner.password)
        return {**chosen, **local_files}
    # HTTP Basic would make everybody the owner: the password is for the sign-in page alone.
    chosen = server_environment(server, endpoint, username=None, password=None)
    return {**chosen, **multi_session.environment(directory, config), **local_files}


@contextmanager
def _stopped_at_the_end(*children: Running) -> Iterator[None]:
    """Stop web and worker at the same time, as each may have work to finish; no second Ctrl-C cuts that short."""
    try:
        yield
    finally:
        with stop_flag(), ThreadPoolExecutor(max_workers=len(children)) as pool:
            list(pool.map(Running.stop, children))


def _certificate(project: ProjectOptions, config: ConfigFile) -> tuple[Path, Path] | None:
    """Return certificate and key for HTTPS, known to work; None for plain HTTP."""
    if project.cert or project.key:
        cert, key = project.cert, project.key
    else:
        cert, key = config.file("cert"), config.file("key")
    check_certificate(cert, key)
    return (cert.resolve(), key.resolve()) if cert and key else None


def _endpoint(project: ProjectOptions, config: ConfigFile, *, secure: bool) -> Endpoint:
    wanted = config.port if project.port is None else project.port
    endpoint = listen(
        project.host or config.text("host"), wanted, explicit_port=project.port is not None, secure=secure
    )
    first = DEFAULT_PORT if wanted is None else wanted
    if first not in (0, endpoint.port):
        console.warn(f"Port {first} is busy; using {endpoint.port}.")
    return endpoint


def _prepare_instance(directory: DataDirectory, chosen: _Chosen, *, with_project: bool) -> SignIn:
    """Bring the database up to date and return how its owner signs in.

    Args:
        with_project: whether there is one project to begin with, which the given models are for.
    """
    bootstrap = load_bootstrap()
    owner, endpoint = chosen.owner, chosen.endpoint
    with bootstrap.reported_to_people():
        user = bootstrap.prepare_database(
            directory, username=owner.username, password=owner.password, with_project=with_project
        )
        if with_project:
            bootstrap.connect_backends(chosen.backends)
        if owner.password is not None:
            return SignIn(f"{endpoint.base_url}{'' if with_project else '/signin'}", name=user.email)
        return SignIn(f"{endpoint.base_url}/link/{bootstrap.sign_in_key(user)}", name=None)


def _children(
    directory: DataDirectory,
    server: ServerOptions,
    chosen: _Chosen,
    gate: programs.Gate,
    ownership: Ownership,
) -> tuple[Running, Running]:
    log_level = os.environ["LOG_LEVEL"]
    web = programs.web(
        directory,
        listener=chosen.endpoint.listener.fileno(),
        gate=gate,
        log_level=log_level,
        gevent=server.use_gevent,
        certificate=chosen.certificate,
    )
    worker = programs.worker(directory, log_level)
    return Running(web, ownership.record), Running(worker, ownership.record)


def _wait_until_serving(web: Running, worker: Running, endpoint: Endpoint, stop: StopFlag) -> None:
    """Wait until the web server answers; a signal ends the waiting.

    Raises:
        StartError: web or worker ended, or the web server did not answer in time.
    """

    def still_wanted() -> bool:
        web.wait_until_ready()
        worker.wait_until_ready()
        return not stop

    if not wait_until_healthy(endpoint, seconds=HEALTHY_WITHIN, still_wanted=still_wanted) and not stop:
        raise StartError(
            f"{web.program.title} did not answer within {HEALTHY_WITHIN:.0f} s:{log_tail(web.program.log)}"
        )


def _announce(
    directory: DataDirectory, endpoint: Endpoint, sign_in: SignIn, multi_session: MultiSession | None
) -> None:
    console.say(f"Label Studio {__version__} serves {directory.root}")
    console.show_address("Address", endpoint.base_url)
    if multi_session is not None:
        comers = "each browser" if multi_session.guests else "everybody who signs in"
        console.say(f"            ({comers} gets projects of its own; the sign-in below is the operator's)")
    if sign_in.name is None:
        console.show_address("Sign in", sign_in.address)
        console.say("            (this link works once; the next start prints a new one)")
    else:
        console.say(f"  Sign in   as {sign_in.name}, with the password you chose")
    console.say(f"  Logs      {directory.logs}")
    console.say("  Stop      with Ctrl-C")
    if not endpoint.is_local:
        console.warn(f"Other machines can reach this server ({endpoint.host}, port {endpoint.port}).")
