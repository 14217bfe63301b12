"""SQLModel on asyncpg: one class for table and schema, SQLAlchemy beneath."""

from contextlib import asynccontextmanager
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import TIMESTAMP, BigInteger, Column, FetchedValue, Identity, insert, tuple_
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import joinedload, selectinload
from sqlmodel import Field, Relationship, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from benchmarks.access import blog
from benchmarks.access.peers import COPY, GET, INSERT, ONE, PAGE, TWENTY, Opened, Work, Works, nested, parts


def _key() -> Any:
    return Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))


def _time() -> Any:
    return Field(default=None, sa_column=Column(TIMESTAMP(timezone=True), server_default=FetchedValue()))


class User(SQLModel, table=True):
    __tablename__ = "users"
    id: int | None = _key()
    email: str
    name: str
    bio: str = Field(default=None, sa_column_kwargs={"server_default": FetchedValue()})
    created_at: datetime = _time()


class PostTag(SQLModel, table=True):
    __tablename__ = "post_tags"
    post_id: int = Field(sa_type=BigInteger, foreign_key="posts.id", primary_key=True)
    tag_id: int = Field(sa_type=BigInteger, foreign_key="tags.id", primary_key=True)


class Tag(SQLModel, table=True):
    __tablename__ = "tags"
    id: int | None = _key()
    name: str


class Post(SQLModel, table=True):
    __tablename__ = "posts"
    id: int | None = _key()
    user_id: int = Field(sa_type=BigInteger, foreign_key="users.id")
    title: str
    body: str
    score: int
    published_at: datetime = _time()
    user: User = Relationship()
    tags: list[Tag] = Relationship(link_model=PostTag)
    comments: list["Comment"] = Relationship(sa_relationship_kwargs={"order_by": "Comment.id.desc()"})


class Comment(SQLModel, table=True):
    __tablename__ = "comments"
    id: int | None = _key()
    post_id: int = Field(sa_type=BigInteger, foreign_key="posts.id")
    user_id: int = Field(sa_type=BigInteger, foreign_key="users.id")
    body: str
    created_at: datetime = _time()


class Visit(SQLModel, table=True):
    __tablename__ = "visits"
    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    page: str
    milliseconds: int
    seen_at: datetime = _time()


@asynccontextmanager
async def works(url: str) -> Opened:
    told = parts(url)
    engine = create_async_engine(
        f"postgresql+asyncpg://{told['user']}@/{told['dbname']}?host={told['host']}", pool_size=1, max_overflow=0
    )
    try:
        yield _works(engine)
    finally:
        await engine.dispose()


def _works(engine: Any) -> Works:
    whole = select(Post).options(
        joinedload(Post.user), selectinload(Post.tags), selectinload(Post.comments)  # type: ignore[arg-type]
    )  # fmt: skip
    rows = [visit._asdict() for visit in blog.VISITS]

    async def get(turn: int) -> Any:
        async with AsyncSession(engine) as session:
            return await session.get(User, blog.user_at(turn))

    async def page(turn: int) -> Any:
        async with AsyncSession(engine) as session:
            earlier = tuple_(col(Post.published_at), col(Post.id)) < blog.page_before(turn)
            newest = select(Post).where(earlier).order_by(col(Post.published_at).desc(), col(Post.id).desc())
            return (await session.exec(newest.limit(blog.PAGE))).all()

    async def one(turn: int) -> Any:
        async with AsyncSession(engine) as session:
            return (await session.exec(whole.where(Post.id == blog.post_at(turn)))).one()

    async def twenty(turn: int) -> Any:
        async with AsyncSession(engine) as session:
            found = whole.where(col(Post.id).in_(blog.posts_at(turn))).order_by(col(Post.id))
            return (await session.exec(found)).all()

    async def create(turn: int) -> Any:
        async with AsyncSession(engine, expire_on_commit=False) as session:
            user = User(email=f"sqlmodel{turn}@example.com", name="Ada")
            session.add(user)
            await session.commit()
            return user

    async def create_many(turn: int) -> Any:
        async with AsyncSession(engine) as session:
            await session.execute(insert(Visit), rows)
            await session.commit()

    return {
        GET: Work(get, attrgetter("email")),
        PAGE: Work(page, lambda rows: [row.id for row in rows]),
        ONE: Work(one, _told),
        TWENTY: Work(twenty, lambda rows: [_told(row) for row in rows]),
        INSERT: Work(create, attrgetter("name")),
        COPY: Work(create_many, lambda _: None),
    }


def _told(post: Any) -> tuple[Any, ...]:
    newest = (one.id for one in post.comments[: blog.NEWEST])
    return nested(post.title, post.user.name, (tag.name for tag in post.tags), newest)
