"""Page numbers on the outside, as the clients of the Label Studio API expect them."""

from rest_framework import pagination


class PageNumberPagination(pagination.PageNumberPagination):
    """`{count, next, previous, results}`; a page past the end is 404, because clients page until they see one."""

    page_size = 30
    page_size_query_param = "page_size"
    max_page_size = 1000
