"""The tables of the blog."""

from django.db import models


class User(models.Model):
    email = models.CharField(max_length=200, unique=True)
    name = models.CharField(max_length=100)
    bio = models.TextField(db_default="")
    created_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        db_table = "users"


class Tag(models.Model):
    name = models.CharField(max_length=50, unique=True)

    class Meta:
        db_table = "tags"


class Post(models.Model):
    user = models.ForeignKey(User, models.DO_NOTHING)
    title = models.CharField(max_length=200)
    body = models.TextField()
    score = models.IntegerField()
    published_at = models.DateTimeField()
    tags = models.ManyToManyField(Tag, db_table="post_tags")

    class Meta:
        db_table = "posts"


class Comment(models.Model):
    post = models.ForeignKey(Post, models.DO_NOTHING, related_name="comments")
    user = models.ForeignKey(User, models.DO_NOTHING)
    body = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "comments"


class Visit(models.Model):
    id = models.BigIntegerField(primary_key=True)
    page = models.CharField(max_length=200)
    milliseconds = models.IntegerField()
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "visits"
