"""The addresses of the pages."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, path, re_path

from apps.web.access import View, signed_in
from apps.web.views import (
    account,
    archiving,
    audit,
    config_preview,
    data_manager,
    data_manager_actions,
    data_manager_tabs,
    exports,
    finding,
    guests,
    import_reports,
    imports,
    invitations,
    jobs,
    joining,
    label,
    labeling_setup,
    managing,
    members,
    mentions,
    overview,
    people,
    projects,
    signing_in,
    tokens,
)
from apps.web.views.models import connections, predicting, quality
from apps.web.views.models import page as models_page
from apps.web.views.models import versions as model_versions
from apps.web.views.project_settings import (
    api_examples,
    config_versions,
    danger,
    general,
    instructions,
    task_order,
    templates,
)
from apps.web.views.task import answers, comments, panels, versions
from apps.web.views.task import page as task_page

app_name = "web"


def page(route: str, view: View, name: str) -> URLPattern:
    """Return the address of a page for people who are signed in."""
    return path(route, signed_in(view), name=name)


urlpatterns = [
    path("signin", signing_in.SignInView.as_view(), name="sign-in"),
    path("signout", LogoutView.as_view(), name="sign-out"),
    path("link/<str:key>", signing_in.one_time_link, name="one-time-link"),
    path("guest", guests.enter, name="guest"),
    page("", projects.projects, "projects"),
    page("search", finding.search, "search"),
    page("account", account.account, "account"),
    page("account/password", account.change_password, "change-password"),
    page("account/avatar", account.change_avatar, "change-avatar"),
    page("account/avatar/delete", account.delete_avatar, "delete-avatar"),
    page("account/sessions/end-others", account.end_other_sessions, "end-other-sessions"),
    page("account/tokens", tokens.create_token, "create-token"),
    page("account/tokens/<int:token_id>/revoke", tokens.revoke_token, "revoke-token"),
    page("audit", audit.audit, "audit"),
    page("audit/csv", audit.audit_csv, "audit-csv"),
    path("invite/<str:key>", joining.join, name="join"),
    path("invite/<str:key>/accept", joining.accept, name="accept"),
    page("invitations/<int:invitation_id>/revoke", invitations.revoke, "revoke-invitation"),
    page("account/claim", guests.claim, "claim-account"),
    page("guests", guests.guests, "guests"),
    page("guests/<int:guest_id>/delete", guests.remove, "remove-guest"),
    page("jobs", jobs.jobs, "jobs"),
    page("jobs/recent", jobs.recent_jobs, "recent-jobs"),
    page("jobs/<uuid:job_id>", jobs.job, "job"),
    page("jobs/<uuid:job_id>/cancel", jobs.cancel_job, "cancel-job"),
    page("jobs/<uuid:job_id>/retry", jobs.retry_job, "retry-job"),
    page("labeling/check", labeling_setup.check_config, "check-config"),
    page("labeling/preview", config_preview.preview_frame, "preview-frame"),
    page("labeling/tags", labeling_setup.labeling_tags, "labeling-tags"),
    page("labeling/templates/<str:name>", labeling_setup.labeling_template, "labeling-template"),
    page("label/frame", label.label_frame, "label-frame"),
    page("mentions", mentions.mentions, "mentions"),
    page("mentions/read", mentions.read_all, "read-mentions"),
    page("mentions/<int:mention_id>/open", mentions.open_mention, "open-mention"),
    page("mentions/<int:mention_id>/read", mentions.read, "read-mention"),
    page("people", people.people, "people"),
    page("people/invitations", invitations.invite_person, "invite-person"),
    page("people/<int:user_id>/role", people.change_role, "person-role"),
    page("people/<int:user_id>/deactivate", people.deactivate, "deactivate-person"),
    page("people/<int:user_id>/reactivate", people.reactivate, "reactivate-person"),
    page("people/<int:user_id>/erase", people.erase, "erase-person"),
    page("templates/<str:name>", templates.template, "template"),
    page("projects/new", projects.new_project, "new-project"),
    page("projects/manage", managing.manage, "manage-projects"),
    page("projects/<int:project_id>/switch", managing.switch, "switch-project"),
    page("projects/<int:project_id>/rename", managing.rename, "rename-project"),
    page("projects/<int:project_id>/", overview.overview, "overview"),
    page("projects/<int:project_id>/tasks", data_manager.tasks, "tasks"),
    page("projects/<int:project_id>/tasks/tabs/new", data_manager_tabs.new_tab, "new-task-tab"),
    page(
        "projects/<int:project_id>/tasks/tabs/<int:tab_id>/edit", data_manager_tabs.edit_tab, "edit-task-tab"
    ),
    page(
        "projects/<int:project_id>/tasks/tabs/<int:tab_id>/save", data_manager_tabs.save_tab, "save-task-tab"
    ),
    page(
        "projects/<int:project_id>/tasks/tabs/<int:tab_id>/duplicate",
        data_manager_tabs.duplicate_tab,
        "duplicate-task-tab",
    ),
    page(
        "projects/<int:project_id>/tasks/tabs/<int:tab_id>/move", data_manager_tabs.move_tab, "move-task-tab"
    ),
    page(
        "projects/<int:project_id>/tasks/tabs/<int:tab_id>/delete",
        data_manager_tabs.delete_tab,
        "delete-task-tab",
    ),
    page("projects/<int:project_id>/tasks/actions/<str:action_id>", data_manager_actions.ask, "task-action"),
    page(
        "projects/<int:project_id>/tasks/actions/<str:action_id>/run",
        data_manager_actions.run,
        "run-task-action",
    ),
    page("projects/<int:project_id>/tasks/runs", data_manager_actions.recent_runs, "task-runs"),
    page("projects/<int:project_id>/tasks/runs/<int:run_id>", data_manager_actions.run_card, "task-run"),
    page(
        "projects/<int:project_id>/tasks/runs/<int:run_id>/undo",
        data_manager_actions.undo_run,
        "undo-task-run",
    ),
    page("projects/<int:project_id>/tasks/<int:task_id>", task_page.task, "task"),
    page("projects/<int:project_id>/tasks/<int:task_id>/raw", task_page.raw, "task-raw"),
    page("projects/<int:project_id>/tasks/<int:task_id>/panel/<str:panel>", panels.panel, "task-panel"),
    page("projects/<int:project_id>/tasks/<int:task_id>/comments", comments.add_comment, "add-comment"),
    page(
        "projects/<int:project_id>/tasks/<int:task_id>/comments/<int:comment_id>/edit",
        comments.edit_comment,
        "edit-comment",
    ),
    page(
        "projects/<int:project_id>/tasks/<int:task_id>/comments/<int:comment_id>/resolve",
        comments.resolve_comment,
        "resolve-comment",
    ),
    page(
        "projects/<int:project_id>/tasks/<int:task_id>/comments/<int:comment_id>/delete",
        comments.delete_comment,
        "delete-comment",
    ),
    page(
        "projects/<int:project_id>/tasks/<int:task_id>/completions/<int:completion_id>/delete",
        answers.delete_completion,
        "delete-completion",
    ),
    page(
        "projects/<int:project_id>/tasks/<int:task_id>/completions/<int:completion_id>/ground-truth",
        answers.set_ground_truth,
        "set-ground-truth",
    ),
    page(
        "projects/<int:project_id>/tasks/<int:task_id>/completions/<int:completion_id>/review",
        answers.review,
        "review-completion",
    ),
    page(
        "projects/<int:project_id>/tasks/<int:task_id>/completions/<int:completion_id>/duplicate",
        answers.duplicate,
        "duplicate-completion",
    ),
    page(
        "projects/<int:project_id>/tasks/<int:task_id>/completions/<int:completion_id>/versions/<int:number>",
        versions.version,
        "completion-version",
    ),
    page(
        "projects/<int:project_id>/tasks/<int:task_id>/completions/<int:completion_id>/versions/<int:number>/restore",
        versions.restore,
        "restore-version",
    ),
    page("projects/<int:project_id>/members/find", comments.find_members, "find-members"),
    page("projects/<int:project_id>/label", label.label, "label"),
    page("projects/<int:project_id>/label/progress", label.label_progress, "label-progress"),
    page("projects/<int:project_id>/import", imports.import_tasks, "import"),
    page("projects/<int:project_id>/import/preview", imports.preview, "preview-import"),
    page("projects/<int:project_id>/import/start", imports.start, "start-import"),
    page("projects/<int:project_id>/imports/<int:import_id>", import_reports.report, "import-report"),
    page("projects/<int:project_id>/imports/<int:import_id>/again", import_reports.again, "import-again"),
    page("projects/<int:project_id>/imports/<int:import_id>/undo", import_reports.undo, "undo-import"),
    page("projects/<int:project_id>/export", exports.export, "export"),
    page("projects/<int:project_id>/export/file", exports.export_file, "export-file"),
    page("projects/<int:project_id>/export/estimate", exports.export_estimate, "estimate-export"),
    page("projects/<int:project_id>/export/start", exports.start_export, "start-export"),
    page("projects/<int:project_id>/exports/<int:export_id>", exports.export_card, "export-card"),
    page(
        "projects/<int:project_id>/exports/<int:export_id>/download",
        exports.export_download,
        "download-export",
    ),
    page("projects/<int:project_id>/exports/<int:export_id>/delete", exports.remove_export, "delete-export"),
    page("projects/<int:project_id>/exports/<int:export_id>/link", exports.link_to_export, "link-to-export"),
    page("projects/<int:project_id>/members", members.members, "members"),
    page("projects/<int:project_id>/members/add", members.add_member, "add-member"),
    page("projects/<int:project_id>/members/<int:user_id>/role", members.change_role, "member-role"),
    page("projects/<int:project_id>/members/<int:user_id>/remove", members.remove_member, "remove-member"),
    page("projects/<int:project_id>/invitations", invitations.invite_member, "invite-member"),
    page("projects/<int:project_id>/leave", members.leave, "leave-project"),
    page("projects/<int:project_id>/models", models_page.models, "models"),
    page("projects/<int:project_id>/models/connect", connections.connect, "connect-model"),
    page("projects/<int:project_id>/models/<int:backend_id>/edit", connections.edit, "edit-model"),
    page("projects/<int:project_id>/models/<int:backend_id>/remove", connections.remove, "remove-model"),
    page("projects/<int:project_id>/models/<int:backend_id>/check", connections.check, "check-model"),
    page(
        "projects/<int:project_id>/models/<int:backend_id>/activity", models_page.activity, "model-activity"
    ),
    page("projects/<int:project_id>/models/<int:backend_id>/predict", predicting.predict, "predict-tasks"),
    page("projects/<int:project_id>/models/<int:backend_id>/train", predicting.train, "train-model"),
    page("projects/<int:project_id>/models/runs/<int:run_id>/retry", predicting.retry, "retry-predictions"),
    page(
        "projects/<int:project_id>/models/runs/<int:run_id>/resume", predicting.resume, "resume-predictions"
    ),
    page("projects/<int:project_id>/models/label-by-score", predicting.auto_label, "auto-label"),
    page("projects/<int:project_id>/models/versions/show", model_versions.show, "show-model-version"),
    page("projects/<int:project_id>/models/versions/delete", model_versions.delete, "delete-model-version"),
    page("projects/<int:project_id>/models/versions/compare", model_versions.compare, "compare-models"),
    page("projects/<int:project_id>/models/quality", quality.quality, "model-quality"),
    page("projects/<int:project_id>/settings", general.general, "settings"),
    page("projects/<int:project_id>/settings/labeling", labeling_setup.labeling, "settings-labeling"),
    page(
        "projects/<int:project_id>/settings/labeling/check",
        labeling_setup.check_project_config,
        "check-project-config",
    ),
    page(
        "projects/<int:project_id>/settings/labeling/tasks/<int:task_id>",
        labeling_setup.preview_task,
        "preview-task",
    ),
    page(
        "projects/<int:project_id>/settings/instructions", instructions.instructions, "settings-instructions"
    ),
    page(
        "projects/<int:project_id>/settings/instructions/preview",
        instructions.preview,
        "preview-instructions",
    ),
    page("projects/<int:project_id>/settings/task-order", task_order.task_order, "settings-task-order"),
    page("projects/<int:project_id>/settings/labeling/versions", config_versions.versions, "config-versions"),
    page(
        "projects/<int:project_id>/settings/labeling/versions/<int:number>",
        config_versions.version,
        "config-version",
    ),
    page(
        "projects/<int:project_id>/settings/labeling/versions/<int:number>/restore",
        config_versions.restore,
        "restore-config",
    ),
    page("projects/<int:project_id>/settings/templates", templates.gallery, "settings-templates"),
    page(
        "projects/<int:project_id>/settings/templates/<str:name>",
        templates.project_template,
        "project-template",
    ),
    page("projects/<int:project_id>/settings/api", api_examples.api_examples, "settings-api"),
    page("projects/<int:project_id>/settings/danger", danger.danger, "settings-danger"),
    page("projects/<int:project_id>/delete", danger.delete, "delete-project"),
    page("projects/<int:project_id>/archive", archiving.archive, "archive-project"),
    page("projects/<int:project_id>/unarchive", archiving.unarchive, "unarchive-project"),
    page("projects/<int:project_id>/jobs", jobs.project_jobs, "project-jobs"),
    re_path(
        rf"^(?P<name>{'|'.join(finding.OLD_ADDRESSES)})/?$",
        signed_in(finding.old_address),
        name="old-address",
    ),
]
