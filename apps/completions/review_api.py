"""Reviews over REST."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.requests import caller
from apps.completions.conflicts import telling_both_sides
from apps.completions.queries import completion_for
from apps.completions.reviewing import require_reviewing, review_completion
from apps.completions.serializers import ReviewSerializer, completion_document


class ReviewView(APIView):
    """The verdict on a completion."""

    @extend_schema(request=ReviewSerializer, responses={200: dict, 409: dict})
    def post(self, request: Request, completion_id: str) -> Response:
        """Accept or reject it; an empty verdict takes one back. A `version` that is no longer the present one: 409."""
        user = caller(request)
        completion = completion_for(user, int(completion_id))
        require_reviewing(user, completion)
        form = ReviewSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        with telling_both_sides({}):
            reviewed = review_completion(completion_id=completion.pk, reviewed_by=user, **form.validated_data)
        return Response(completion_document(reviewed))
