"""Tokens: log in, log out here, log out everywhere."""

import hashlib
from typing import Any

from django.contrib.auth import authenticate, user_logged_in, user_logged_out
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from knox.models import AuthToken
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from erp.core.api.scopes import ANY
from erp.core.errors import DomainError
from erp.core.models import User


class AddressThrottle(SimpleRateThrottle):
    """Log-in attempts from one address, right or wrong."""

    scope = "login"

    def get_cache_key(self, request: Request, view: Any) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


class NameThrottle(SimpleRateThrottle):
    """Log-in attempts for one user name, from any address."""

    scope = "login_name"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        name = request.data.get("username") if isinstance(request.data, dict) else None
        if not isinstance(name, str):
            return None
        ident = hashlib.sha256(name.casefold().strip().encode()).hexdigest()
        return self.cache_format % {"scope": self.scope, "ident": ident}


class UserSerializer(serializers.ModelSerializer):
    email = serializers.CharField(read_only=True, help_text="May be blank.")

    class Meta:
        model = User
        fields = ["id", "username", "first_name", "last_name", "email", "language", "is_auditor"]
        read_only_fields = fields


class LoginSerializer(serializers.Serializer):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=128, trim_whitespace=False, style={"input_type": "password"})


class TokenSerializer(serializers.Serializer):
    token = serializers.CharField(help_text="Send it as `Authorization: Token <token>`. It is shown this once.")
    expiry = serializers.DateTimeField(help_text="Moves on while the token is in use.")
    user = UserSerializer()


class LoginView(APIView):
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = (AddressThrottle, NameThrottle)

    @extend_schema(
        operation_id="login",
        summary="Log in",
        description="Answers a token for an app or a script. Attempts are limited by address and by user name.",
        tags=["auth"],
        auth=[],
        request=LoginSerializer,
        responses=TokenSerializer,
        examples=[
            OpenApiExample("A clerk", value={"username": "clerk", "password": "a-long-secret"}, request_only=True),
        ],
    )
    def post(self, request: Request) -> Response:
        entered = LoginSerializer(data=request.data)
        entered.is_valid(raise_exception=True)
        user = authenticate(request._request, **entered.validated_data)
        if user is None:
            # One answer for a wrong password, an unknown name and a closed account: names cannot be fished for.
            raise DomainError("wrong_login", _("The user name or the password is not right."), status=401)
        AuthToken.objects.filter(user=user, expiry__lt=timezone.now()).delete()
        instance, token = AuthToken.objects.create(user=user)
        user_logged_in.send(sender=User, request=request._request, user=user)
        return Response(TokenSerializer({"token": token, "expiry": instance.expiry, "user": user}).data)


class LogoutView(APIView):
    scope = ANY

    @extend_schema(
        operation_id="logout",
        summary="Log out",
        description="Ends the token of the log-in that the request came with. Personal tokens are revoked by `DELETE`.",
        tags=["auth"],
        request=None,
        responses={204: OpenApiResponse(description="The token is void.")},
    )
    def post(self, request: Request) -> Response:
        if not isinstance(request.auth, AuthToken):
            message = _("This request came without the token of a log-in, so there is none to end.")
            raise DomainError("no_token", message)
        request.auth.delete()
        user_logged_out.send(sender=User, request=request._request, user=request.user)
        return Response(status=204)


class LogoutAllView(APIView):
    scope = "tokens"

    @extend_schema(
        operation_id="logout_all",
        summary="Log out everywhere",
        description="Ends the tokens of every log-in of the person. Personal tokens stay.",
        tags=["auth"],
        request=None,
        responses={204: OpenApiResponse(description="All tokens are void.")},
    )
    def post(self, request: Request) -> Response:
        AuthToken.objects.filter(user=request.user).delete()
        user_logged_out.send(sender=User, request=request._request, user=request.user)
        return Response(status=204)
