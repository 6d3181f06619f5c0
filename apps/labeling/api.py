"""The gallery of labeling templates over REST."""

from __future__ import annotations

from django.templatetags.static import static
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core.errors import NotFound
from apps.labeling.templates import LabelingTemplate, find_template, labeling_templates


class TemplateSerializer(serializers.Serializer[LabelingTemplate]):
    """What the API says of a template."""

    name = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    group = serializers.CharField(help_text="The shelf of the gallery.")
    synonyms = serializers.ListField(child=serializers.CharField(), help_text="Other names that find it.")
    picture = serializers.SerializerMethodField(help_text="The address of a picture, 480 × 300 pixels.")
    config = serializers.CharField(help_text="The labeling config: XML.")
    task = serializers.JSONField(help_text="The data of a sample task.")

    def get_picture(self, template: LabelingTemplate) -> str:
        """Return the address of the static file."""
        return static(template.picture)


class TemplatesView(APIView):
    """All ready-made labeling configs."""

    @extend_schema(responses=TemplateSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List all templates in the order of the gallery."""
        return Response([TemplateSerializer(template).data for template in labeling_templates().values()])


class TemplateView(APIView):
    """One ready-made labeling config."""

    @extend_schema(responses=TemplateSerializer)
    def get(self, request: Request, name: str) -> Response:
        """Return a template by its name or a synonym.

        Raises:
            NotFound: there is none of that name.
        """
        template = find_template(name)
        if template is None:
            raise NotFound(f"There is no template “{name[:60]}”. GET /api/templates/ lists them all.")
        return Response(TemplateSerializer(template).data)
