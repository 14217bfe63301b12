"""SQLAlchemy's ORM on asyncpg, a session for each piece of work, as web applications use it."""

from contextlib import asynccontextmanager
from datetime import datetime
from operator import attrgetter
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, FetchedValue, ForeignKey, Identity, Table, insert, select, tuple_
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, joinedload, mapped_column, relationship, selectinload

from benchmarks.access import blog
from benchmarks.access.peers import COPY, GET, INSERT, ONE, PAGE, TWENTY, Opened, Work, Works, nested, parts


class Base(DeclarativeBase):
    type_annotation_map: ClassVar = {int: BigInteger, datetime: TIMESTAMP(timezone=True)}


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    email: Mapped[str]
    name: Mapped[str]
    bio: Mapped[str] = mapped_column(server_default=FetchedValue())
    created_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())


POST_TAGS = Table(
    "post_tags", Base.metadata,
    Column("post_id", ForeignKey("posts.id"), primary_key=True), Column("tag_id", ForeignKey("tags.id"), primary_key=True),
)  # fmt: skip


class Tag(Base):
    __tablename__ = "tags"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    title: Mapped[str]
    body: Mapped[str]
    score: Mapped[int]
    published_at: Mapped[datetime]
    user: Mapped[User] = relationship()
    tags: Mapped[list[Tag]] = relationship(secondary=POST_TAGS)
    comments: Mapped[list["Comment"]] = relationship(order_by="Comment.id.desc()")


class Comment(Base):
    __tablename__ = "comments"
    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    body: Mapped[str]
    created_at: Mapped[datetime]


class Visit(Base):
    __tablename__ = "visits"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    page: Mapped[str]
    milliseconds: Mapped[int]
    seen_at: Mapped[datetime]


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
    whole = select(Post).options(joinedload(Post.user), selectinload(Post.tags), selectinload(Post.comments))
    rows = [visit._asdict() for visit in blog.VISITS]

    async def get(turn: int) -> Any:
        async with AsyncSession(engine) as session:
            return await session.get(User, blog.user_at(turn))

    async def page(turn: int) -> Any:
        async with AsyncSession(engine) as session:
            earlier = tuple_(Post.published_at, Post.id) < blog.page_before(turn)
            newest = select(Post).where(earlier).order_by(Post.published_at.desc(), Post.id.desc())
            return (await session.scalars(newest.limit(blog.PAGE))).all()

    async def one(turn: int) -> Any:
        async with AsyncSession(engine) as session:
            return (await session.scalars(whole.where(Post.id == blog.post_at(turn)))).one()

    async def twenty(turn: int) -> Any:
        async with AsyncSession(engine) as session:
            found = whole.where(Post.id.in_(blog.posts_at(turn))).order_by(Post.id)
            return (await session.scalars(found)).all()

    async def create(turn: int) -> Any:
        async with AsyncSession(engine, expire_on_commit=False) as session:
            user = User(email=f"sqlalchemy{turn}@example.com", name="Ada")
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
