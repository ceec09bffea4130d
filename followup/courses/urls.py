"""URLs of courses and course groups."""

from django.urls import path

from followup.courses import invitation_views, run_views, views

urlpatterns = [
    path("courses/", views.courses, name="courses"),
    path("courses/new/", views.course_new, name="course_new"),
    path("courses/<slug:slug>/", views.course, name="course"),
    path("courses/<slug:slug>/edit/", views.course_edit, name="course_edit"),
    path("courses/<slug:slug>/publish/", views.course_publish, name="course_publish"),
    path("courses/<slug:slug>/unpublish/", views.course_unpublish, name="course_unpublish"),
    path("courses/<slug:slug>/groups/new/", run_views.run_new, name="run_new"),
    path("runs/<int:pk>/", run_views.run, name="run"),
    path("runs/<int:pk>/edit/", run_views.run_edit, name="run_edit"),
    path("runs/<int:pk>/trainers/add/", run_views.trainer_add, name="run_trainer_add"),
    path("runs/<int:pk>/trainers/put-back/", run_views.trainer_restore, name="run_trainer_restore"),
    path("runs/<int:pk>/trainers/<int:user_pk>/remove/", run_views.trainer_remove, name="run_trainer_remove"),
    path(
        "runs/<int:pk>/people/<int:user_pk>/invite/",
        invitation_views.invitation_send_again,
        name="run_invitation_again",
    ),
    path(
        "runs/<int:pk>/people/<int:user_pk>/address/",
        invitation_views.invitation_address,
        name="run_invitation_address",
    ),
    path("runs/<int:pk>/enrolments/add/", run_views.enrolment_add, name="enrolment_add"),
    path("runs/<int:pk>/enrolments/list/", run_views.enrolment_list, name="enrolment_list"),
    path("runs/<int:pk>/enrolments/put-back/", run_views.enrolment_restore, name="enrolment_restore"),
    path(
        "runs/<int:pk>/enrolments/<int:enrolment_pk>/remove/",
        run_views.enrolment_remove,
        name="enrolment_remove",
    ),
]
