"""Django's ORM on psycopg 3, without asyncio, one connection kept."""

import os
from contextlib import asynccontextmanager
from operator import attrgetter
from typing import Any

from benchmarks.access import blog
from benchmarks.access.peers import COPY, GET, INSERT, ONE, PAGE, TWENTY, Opened, Work, Works, nested, parts


@asynccontextmanager
async def works(url: str) -> Opened:
    import django
    from django.conf import settings
    from django.db import connection

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    told = parts(url)
    database = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": told["dbname"], "USER": told["user"], "HOST": told["host"], "PORT": told["port"],
        "CONN_MAX_AGE": None, "OPTIONS": {"server_side_binding": True},
    }  # fmt: skip
    settings.configure(
        DATABASES={"default": database},
        USE_TZ=True,
        INSTALLED_APPS=["benchmarks.access.peers.django_blog"],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )
    django.setup()
    try:
        from benchmarks.access.peers.django_blog import models

        yield _works(models)
    finally:
        connection.close()


def _works(models: Any) -> Works:
    from django.db.models import Prefetch, Q

    def whole() -> Any:
        newest = models.Comment.objects.order_by("-id")[: blog.NEWEST]
        return models.Post.objects.select_related("user").prefetch_related(
            "tags", Prefetch("comments", newest, to_attr="newest")
        )

    async def get(turn: int) -> Any:
        return models.User.objects.get(pk=blog.user_at(turn))

    async def page(turn: int) -> Any:
        at, post = blog.page_before(turn)
        earlier = Q(published_at__lt=at) | Q(published_at=at, id__lt=post)
        found = models.Post.objects.filter(earlier, published_at__lte=at)
        return list(found.order_by("-published_at", "-id")[: blog.PAGE])

    async def one(turn: int) -> Any:
        return whole().get(pk=blog.post_at(turn))

    async def twenty(turn: int) -> Any:
        return list(whole().filter(pk__in=blog.posts_at(turn)).order_by("id"))

    async def insert(turn: int) -> Any:
        return models.User.objects.create(email=f"django{turn}@example.com", name="Ada")

    async def create_many(turn: int) -> Any:
        models.Visit.objects.bulk_create([models.Visit(*visit) for visit in blog.VISITS], batch_size=5_000)

    return {
        GET: Work(get, attrgetter("email")),
        PAGE: Work(page, lambda rows: [row.id for row in rows]),
        ONE: Work(one, _told),
        TWENTY: Work(twenty, lambda rows: [_told(row) for row in rows]),
        INSERT: Work(insert, attrgetter("name")),
        COPY: Work(create_many, lambda _: None),
    }


def _told(post: Any) -> tuple[Any, ...]:
    comments = (one.id for one in post.newest)
    return nested(post.title, post.user.name, (tag.name for tag in post.tags.all()), comments)
