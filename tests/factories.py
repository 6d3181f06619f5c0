"""Rows for tests, made by the product's own services, so that they are as they would be in use."""

from __future__ import annotations

import io
import itertools
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from apps.accounts.avatars import set_avatar
from apps.accounts.models import GlobalRole, User
from apps.accounts.services import create_user
from apps.comments.models import Comment
from apps.comments.services import add_comment
from apps.completions.models import Completion
from apps.completions.services import create_completion, update_completion
from apps.data_manager.models import ActionRun, View
from apps.data_manager.running_actions import ActionRequest, start_action
from apps.data_manager.tabs import create_view
from apps.exports.keeping import create_export
from apps.exports.models import Export
from apps.exports.options import read_spec
from apps.imports.models import Import, Upload
from apps.imports.options import ImportOptions, OnError
from apps.imports.services import import_rows
from apps.imports.uploads import store_upload
from apps.projects.models import Membership, Project
from apps.projects.policy import Action, Role
from apps.projects.queries import project_for
from apps.projects.services import create_project
from apps.tasks.assigning import assign_tasks
from apps.tasks.models import Task
from apps.tasks.next_task import reserve_next

CHOICES_CONFIG = """
<View>
  <Text name="text" value="$text"/>
  <Choices name="sentiment" toName="text">
    <Choice value="Positive"/>
    <Choice value="Negative"/>
  </Choices>
</View>
""".strip()

_numbers = itertools.count(1)


def make_user(
    email: str | None = None, *, role: str = GlobalRole.MEMBER, password: str | None = None
) -> User:
    """Return a new person."""
    return create_user(email=email or f"person-{next(_numbers)}@example.com", role=role, password=password)


def make_picture(width: int = 40, height: int = 30, *, format: str = "PNG", color: str = "teal") -> bytes:
    """Return the file of a picture in one colour."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), color).save(file, format=format)
    return file.getvalue()


def make_avatar(person: User) -> str:
    """Give a person a picture and return the name of its file."""
    set_avatar(user=person, picture=SimpleUploadedFile("me.png", make_picture()))
    person.refresh_from_db()
    return Path(person.avatar.name or "").name


def make_project(owner: User | None = None, *, tasks: int = 0, **settings: Any) -> Project:
    """Return a new project about the sentiment of texts, with that many tasks."""
    owner = owner or make_user(role=GlobalRole.MANAGER)
    settings = {"title": "Sentiments", "label_config": CHOICES_CONFIG} | settings
    project = create_project(created_by=owner, **settings)
    if tasks:
        make_tasks(project, [{"text": f"text {number}"} for number in range(1, tasks + 1)])
    return project


def owner_of(project: Project) -> User:
    """Return the person who made a project."""
    assert project.created_by is not None
    return project.created_by


def make_tasks(project: Project, rows: list[Any]) -> list[Task]:
    """Import `rows` into a project and return the tasks."""
    owner = Membership.objects.select_related("user").filter(project=project, role=Role.OWNER).first()
    assert owner is not None
    report = import_rows(project=project, rows=rows, created_by=owner.user)
    return list(Task.objects.filter(pk__in=report.task_ids).order_by("pk"))


def make_upload(project: Project, content: bytes, name: str = "tasks.json") -> Upload:
    """Return a stored file of a project."""
    return store_upload(project=project, name=name, stream=io.BytesIO(content), created_by=owner_of(project))


def make_import_with_a_bad_row(project: Project) -> Import:
    """Return an import of one good and one bad row, of which the good one went in."""
    options = ImportOptions(on_error=OnError.SKIP)
    rows = [{"text": "good"}, {"txt": "bad"}]
    report = import_rows(project=project, rows=rows, created_by=owner_of(project), options=options)
    return Import.objects.get(pk=report.import_id)


def make_export(project: Project, person: User, **options: Any) -> Export:
    """Return an export of all tasks that is kept, complete with its file."""
    seen = project_for(person, project.pk, Action.EXPORT)
    return create_export(project=seen, created_by=person, spec=read_spec({"tasks": "all", **options}))


def make_member(project: Project, role: Role, email: str | None = None) -> User:
    """Return a new person with this role in a project."""
    person = make_user(email)
    Membership.objects.create(project=project, user=person, role=role)
    return person


def choice(label: str = "Positive") -> list[dict[str, Any]]:
    """Return a result as the editor serializes one choice."""
    return [
        {
            "id": "c1",
            "from_name": "sentiment",
            "to_name": "text",
            "type": "choices",
            "value": {"choices": [label]},
        }
    ]


def make_completion(task: Task, person: User, **fields: Any) -> Completion:
    """Return a submitted completion."""
    completion, _ = create_completion(task_id=task.pk, completed_by=person, **{"result": choice(), **fields})
    return completion


def make_completion_of_two_versions(task: Task, person: User) -> Completion:
    """Return a completion that its person submitted as positive and then changed to negative."""
    completion = make_completion(task, person)
    return update_completion(completion_id=completion.pk, updated_by=person, result=choice("Negative"))


def make_comment(task: Task, person: User, text: str = "Look here", **fields: Any) -> Comment:
    """Return a comment on a task."""
    return add_comment(task_id=task.pk, author=person, text=text, **fields)


def assign(task: Task, person: User) -> None:
    """Assign a task to somebody, which makes it one of their own."""
    assign_tasks(
        project=task.project, task_ids=[task.pk], user_ids=[person.pk], assigned_by=owner_of(task.project)
    )


def make_view(project: Project, person: User, *, is_shared: bool = True, **data: Any) -> View:
    """Return a saved tab of the data manager."""
    seen = project_for(person, project.pk, Action.VIEW_PROJECT)
    return create_view(project=seen, created_by=person, data={"title": "Tab"} | data, is_shared=is_shared)


def make_action_run(project: Project, person: User) -> ActionRun:
    """Return a finished run of an action: every task of the project got an overlap of 3."""
    document = {"selectedItems": {"all": True, "excluded": []}}
    request = ActionRequest("set_overlap", document, tab={}, body={"overlap": 3})
    seen = project_for(person, project.pk, Action.VIEW_PROJECT)
    run = start_action(project=seen, actor=person, request=request).run
    assert run is not None
    return run


def reserve_task(project: Project, user: User, *, besides: int | None = None) -> int:
    """Reserve the next task of `project` for `user`; there must be one."""
    task_id = reserve_next(project=project, user=user, besides=besides)
    assert task_id is not None
    return task_id
