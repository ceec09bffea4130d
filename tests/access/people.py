"""Access to people."""

from tests.access import post, row

ROWS = [
    # visitor, stranger awaiting participant trainer, coordinator other_coordinator, evaluator moderator
    # Signing in is for visitors; who is in already is sent on.
    row("account_login", "+ ++++ ++ ++"),
    row("account_request_login_code", "+ ++++ ++ ++"),
    # Without a pending code there is nothing to confirm: visitors are redirected to request one.
    row("account_confirm_login_code", "s ++++ ++ ++"),
    row("account_signup", "+ ++++ ++ ++"),
    row("account_email_verification_sent", "s ++++ ++ ++"),
    row("account_reset_password", "+ ++++ ++ ++"),
    row("account_reset_password_done", "+ ++++ ++ ++"),
    row("account_reset_password_from_key", "+ ++++ ++ ++", "uidb36:word", "key:word"),
    row("account_reset_password_from_key_done", "+ ++++ ++ ++"),
    row("account_inactive", "+ ++++ ++ ++"),
    row("account_logout", "+ ++++ ++ ++"),
    post("account_logout", "+ ++++ ++ ++"),
    # One's own address and password. Those who have not shown who they are are sent on to do so.
    row("account_email", "s ++++ ++ ++"),
    row("account_change_password", "s ++++ ++ ++"),
    row("account_set_password", "s ++++ ++ ++"),
    row("account_reauthenticate", "s ++++ ++ ++"),
    row("account_reauthenticate_code", "s ++++ ++ ++"),
    post("account_reauthenticate_code", "s ++++ ++ ++", send="yes"),
    row("profile", "s ++++ ++ ++"),
    post("profile", "s ++++ ++ ++", name="New Name", language="pl", time_zone="Europe/Warsaw", theme="dark"),
    row("take_along", "s ++++ ++ ++"),
    row("picture_dialog", "s ++++ ++ ++"),
    post("picture_dialog", "s ++++ ++ ++"),
    post("picture_choose", "s ++++ ++ ++"),
    post("picture_remove", "s ++++ ++ ++"),
    post("picture_restore", "s ++++ ++ ++"),
    # Their picture is for those with whom they share a space.
    row("picture", "s 4+++ +4 +4", "pk:portrait", "size:picture_size"),
    # Joining by an invitation: a visitor sees the form; a signed-in user sees that it is for somebody else.
    row("invitation", "+ ++++ ++ ++", "signed:invitation_link"),
    row("invitation", "4 4444 44 44", "signed:word"),
    row("invitation_again", "+ ++++ ++ ++"),
    row("invitation_sent", "+ ++++ ++ ++"),
    post("set_language", "+ ++++ ++ ++", language="hu"),
    row("draft", "s ++++ ++ ++", query="?place=/spaces/1/"),
    # Without anything that was typed before a session ended, the page leads to Today.
    row("unsent", "s ++++ ++ ++"),
]
