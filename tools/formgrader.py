"""`make formgrader`: the pages of nbgrader on which the teacher marks written answers, and nothing else.

A server of its own: no kernels, no files, no editor, none of nbgrader's buttons that run students' code, so that even
a page taken over by a student could change marks and no more. What students wrote is clean before (`cleaning.py`); the
policy below is the second lock.
"""

import base64
import hashlib
import secrets
from html import escape
from pathlib import Path

import labs
from jinja2 import Environment, FileSystemLoader
from jupyter_server.serverapp import ServerApp
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from jupyter_server.utils import url_path_join
from languages import language_of
from nbconvert.exporters import HTMLExporter
from nbgrader.server_extensions.formgrader import apihandlers, handlers
from nbgrader.server_extensions.formgrader.formgrader import FormgradeExtension
from pages import TEMPLATES
from questions import questions
from tornado.web import RedirectHandler, StaticFileHandler

NONCE = secrets.token_urlsafe(16)
CLICKS = ["toggleAllNames()", "toggle_name(true)", "toggle_name(false)"]  # the only onclick="..." of the pages
DIGESTS = [base64.b64encode(hashlib.sha256(click.encode()).digest()).decode() for click in CLICKS]
HASHES = " ".join(f"'sha256-{digest}'" for digest in DIGESTS)
POLICY = "; ".join(
    [
        "default-src 'none'",  # no frame, object, worker or request but what follows
        f"script-src 'nonce-{NONCE}'",  # the scripts of nbgrader's templates and no other
        f"script-src-attr 'unsafe-hashes' {HASHES}",  # no onerror, onload
        "style-src 'self' 'unsafe-inline'",  # nbgrader's buttons have style="..."
        "img-src data:",  # a picture that is fetched tells its owner who looks
        "font-src 'self'",
        "connect-src 'self'",  # marks and comments are saved
        "form-action 'self'",  # the log-in page
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
SHOWN = [
    handlers.GradebookAssignmentsHandler,
    handlers.GradebookNotebooksHandler,
    handlers.GradebookNotebookSubmissionsHandler,
    handlers.SubmissionHandler,
    handlers.SubmissionNavigationHandler,
    StaticFileHandler,
    apihandlers.AssignmentCollectionHandler,
    apihandlers.NotebookCollectionHandler,
    apihandlers.SubmittedNotebookCollectionHandler,
    apihandlers.FlagSubmissionHandler,
    apihandlers.GradeCollectionHandler,
    apihandlers.GradeHandler,
    apihandlers.CommentCollectionHandler,
    apihandlers.CommentHandler,
]


class Templates(FileSystemLoader):
    """The templates of this folder and of nbgrader; their scripts carry the nonce of the policy."""

    def __init__(self):
        nbgrader = Path(handlers.template_path)
        super().__init__([TEMPLATES / "marking_page", nbgrader, nbgrader / "formgrade"])

    def get_source(self, environment, template):
        source, path, is_current = super().get_source(environment, template)
        return source.replace("<script", f'<script nonce="{NONCE}"'), path, is_current


class MarkingPage(HTMLExporter):
    """The page of one submission."""

    def from_filename(self, filename, resources):
        # nbgrader lays names into the page as they are.
        return super().from_filename(filename, {key: escape(str(value)) for key, value in resources.items()})


class MarkingPages(FormgradeExtension):
    """nbgrader's formgrader with the model answers beside the students', and without its other pages."""

    def init_tornado_settings(self, webapp):
        super().init_tornado_settings(webapp)

        def question(grade_id, lab, notebook):
            root = Path(self.coursedir.root)
            language = language_of(root, notebook)
            return questions(root, lab, language).get(grade_id) if labs.path(root, lab, language).is_file() else None

        webapp.settings["nbgrader_jinja2_env"] = Environment(loader=Templates(), autoescape=True)
        webapp.settings["nbgrader_exporter"] = MarkingPage(
            config=self.config, extra_loaders=[Templates()], filters={"question": question}
        )

    def init_handlers(self, webapp):
        base = webapp.settings["base_url"]
        shown = [entry for entry in handlers.default_handlers + apihandlers.default_handlers if entry[1] in SHOWN]
        shown.append((r"/formgrader/static/(.*)", StaticFileHandler, {"path": handlers.static_path}))
        shown.append((r"/formgrader/?", RedirectHandler, {"url": url_path_join(base, "formgrader/gradebook")}))
        webapp.add_handlers(".*$", [(url_path_join(base, entry[0]), *entry[1:]) for entry in shown])


class NoFiles(AsyncLargeFileManager):
    """Serves no file of the folder."""

    def get_extra_handlers(self):
        return []


class MarkingServer(ServerApp):
    """A Jupyter server that knows only these pages; its options are those of `jupyter server`."""

    default_services = ("auth", "security")
    default_url = "/formgrader/gradebook"
    contents_manager_class = NoFiles

    def init_webapp(self):
        self.tornado_settings["headers"] = {"Content-Security-Policy": POLICY}
        super().init_webapp()

    def find_server_extensions(self):
        """Load none of those that are installed."""

    def load_server_extensions(self):
        pages = MarkingPages(parent=self)
        pages.root_dir, pages.log = self.root_dir, self.log
        pages.initialize([])
        pages.init_tornado_settings(self.web_app)
        pages.init_handlers(self.web_app)


if __name__ == "__main__":
    MarkingServer.launch_instance()
