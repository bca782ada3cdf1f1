/* Against a running server: CHRONOTOPE_ADDRESS=tcp://127.0.0.1:7300 .build/live */
#include "chronotope.h"

#include <nng/nng.h>
#include <nng/supplemental/util/platform.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

enum { MAX_WAIT_MS = 10000, LARGE_BATCH = 10000, LONG_TEXT = 250 };

static chronotope_client *client = NULL;
static char user[64];      /* known to nobody before this run */
static char event_id[64];  /* likewise */
static char item[] = "c-item";

static Chronotope__V1__Event visit(void) {
    Chronotope__V1__Event event = CHRONOTOPE__V1__EVENT__INIT;
    event.user = user;
    event.item = item;
    event.action = "checkin";
    event.instant_ms = (int64_t)time(NULL) * 1000;
    event.utc_offset_minutes = -240;
    return event;
}

static chronotope_code put(Chronotope__V1__Event *event, const chronotope_options *options,
                           Chronotope__V1__PutEventsReply **reply) {
    Chronotope__V1__PutEventsRequest request = CHRONOTOPE__V1__PUT_EVENTS_REQUEST__INIT;
    request.n_events = 1;
    request.events = &event;
    return chronotope_put_events(client, &request, options, reply, NULL);
}

static void the_server_is_healthy(void) {
    Chronotope__V1__HealthCheckReply *reply = NULL;
    CHECK(chronotope_health(client, NULL, NULL, &reply, NULL) == CHRONOTOPE_OK);
    REQUIRE(reply != NULL);
    CHECK(reply->status == CHRONOTOPE__V1__SERVING_STATUS__SERVING);
    chronotope__v1__health_check_reply__free_unpacked(reply, NULL);
    CHECK(chronotope_health(client, "chronotope.v1.Nothing", NULL, &reply, NULL) == CHRONOTOPE_NOT_FOUND);
}

static void any_method_can_be_called(void) {
    Chronotope__V1__ServerInfoRequest request = CHRONOTOPE__V1__SERVER_INFO_REQUEST__INIT;
    const chronotope_options options = {.is_idempotent = true};
    ProtobufCMessage *reply = NULL;
    CHECK(chronotope_call(client, "chronotope.v1.Server/Info", &request.base, &options,
                          &chronotope__v1__server_info__descriptor, &reply, NULL) == CHRONOTOPE_OK);
    REQUIRE(reply != NULL);
    Chronotope__V1__ServerInfo *info = (Chronotope__V1__ServerInfo *)reply;
    CHECK(info->protocol_version == 1 && info->limits != NULL && info->limits->max_k == 1000);
    chronotope__v1__server_info__free_unpacked(info, NULL);
    CHECK(chronotope_call(client, "chronotope.v1.Query/Divine", &request.base, &options,
                          &chronotope__v1__server_info__descriptor, &reply, NULL) == CHRONOTOPE_UNIMPLEMENTED);
}

static void an_event_is_taken_once(void) {
    Chronotope__V1__Place place = CHRONOTOPE__V1__PLACE__INIT;
    place.latitude = 40.7;
    place.longitude = -74.0;
    Chronotope__V1__Event event = visit();
    event.id = event_id;
    event.place = &place;
    const chronotope_options options = {.idempotency_key = (const uint8_t *)event_id,
                                        .idempotency_key_size = strlen(event_id)};
    Chronotope__V1__PutEventsReply *first = NULL;
    Chronotope__V1__PutEventsReply *again = NULL;
    CHECK(put(&event, &options, &first) == CHRONOTOPE_OK);
    CHECK(put(&event, &options, &again) == CHRONOTOPE_OK);
    REQUIRE(first != NULL && again != NULL);
    CHECK(first->accepted == 1 && first->n_refused == 0);
    CHECK(again->end_offset == first->end_offset);
    chronotope__v1__put_events_reply__free_unpacked(first, NULL);
    chronotope__v1__put_events_reply__free_unpacked(again, NULL);
}

static void a_bad_event_is_refused_by_field(void) {
    Chronotope__V1__Place nowhere = CHRONOTOPE__V1__PLACE__INIT;
    nowhere.latitude = 91;
    Chronotope__V1__Event event = visit();
    event.place = &nowhere;
    Chronotope__V1__PutEventsReply *reply = NULL;
    CHECK(put(&event, NULL, &reply) == CHRONOTOPE_OK);
    REQUIRE(reply != NULL && reply->n_refused == 1);
    CHECK(reply->accepted == 0 && strstr(reply->refused[0]->field, "latitude") != NULL);
    CHECK(*reply->refused[0]->remedy != '\0');
    chronotope__v1__put_events_reply__free_unpacked(reply, NULL);
}

static bool holds(const Chronotope__V1__ListReply *reply, const char *id) {
    for (size_t index = 0; index < reply->n_items; index++) {
        if (strcmp(reply->items[index]->id, id) == 0) {
            return true;
        }
    }
    return false;
}

typedef chronotope_code list_function(chronotope_client *, const Chronotope__V1__ListRequest *,
                                      const chronotope_options *, Chronotope__V1__ListReply **, chronotope_error **);

/* Asks until the item of an_event_is_taken_once() is in the answer, since answers follow the log by a moment. */
static Chronotope__V1__ListReply *await_item(list_function *list, const Chronotope__V1__ListRequest *request) {
    nng_time end = nng_clock() + MAX_WAIT_MS;
    while (nng_clock() < end) {
        Chronotope__V1__ListReply *reply = NULL;
        REQUIRE(list(client, request, NULL, &reply, NULL) == CHRONOTOPE_OK);
        if (holds(reply, item)) {
            return reply;
        }
        chronotope__v1__list_reply__free_unpacked(reply, NULL);
        nng_msleep(20);
    }
    return NULL;
}

static void an_unknown_user_gets_what_is_popular_and_why(void) {
    Chronotope__V1__ListRequest request = CHRONOTOPE__V1__LIST_REQUEST__INIT;
    request.user = "known to nobody";
    request.k = 1000;
    Chronotope__V1__ListReply *reply = await_item(chronotope_recommend, &request);
    REQUIRE(reply != NULL && reply->provenance != NULL);
    if (reply->provenance->model_version == 0) { /* none is published: a server that was just started */
        CHECK(strncmp(reply->provenance->path, "popularity", strlen("popularity")) == 0);
        CHECK(*reply->provenance->fallback_reason != '\0');
    }
    CHECK(reply->provenance->user_events == 0 && *reply->provenance->path != '\0');
    CHECK(*reply->recommendation_id != '\0');
    chronotope__v1__list_reply__free_unpacked(reply, NULL);
}

static void what_was_used_is_trending(void) {
    Chronotope__V1__ListRequest request = CHRONOTOPE__V1__LIST_REQUEST__INIT;
    request.k = 1000;
    Chronotope__V1__ListReply *reply = await_item(chronotope_trending, &request);
    REQUIRE(reply != NULL);
    CHECK(reply->provenance != NULL && strcmp(reply->provenance->path, "trending") == 0);
    chronotope__v1__list_reply__free_unpacked(reply, NULL);
}

/* Without a model: FAILED_PRECONDITION with the way out. With one: an answer, or NOT_FOUND for what it never saw. */
static void similar_items_and_explanations_need_a_model(void) {
    Chronotope__V1__ListRequest list = CHRONOTOPE__V1__LIST_REQUEST__INIT;
    list.user = user;
    list.item = item;
    list.k = 3;
    Chronotope__V1__ListReply *similar = NULL;
    chronotope_error *error = NULL;
    chronotope_code code = chronotope_similar_items(client, &list, NULL, &similar, &error);
    CHECK(code == CHRONOTOPE_OK || code == CHRONOTOPE_NOT_FOUND || code == CHRONOTOPE_FAILED_PRECONDITION);
    CHECK(code == CHRONOTOPE_OK || (error != NULL && *error->message != '\0'));
    CHECK(code != CHRONOTOPE_FAILED_PRECONDITION || (error->n_details == 1 && *error->details[0]->remedy != '\0'));
    chronotope_error_free(error);
    if (similar != NULL) {
        chronotope__v1__list_reply__free_unpacked(similar, NULL);
    }
    list.item = "";
    Chronotope__V1__ExplainRequest request = CHRONOTOPE__V1__EXPLAIN_REQUEST__INIT;
    request.item = item;
    request.request = &list;
    Chronotope__V1__Explanation *explanation = NULL;
    code = chronotope_explain(client, &request, NULL, &explanation, NULL);
    CHECK(code == CHRONOTOPE_OK || code == CHRONOTOPE_NOT_FOUND || code == CHRONOTOPE_FAILED_PRECONDITION);
    if (explanation != NULL) {
        chronotope__v1__explanation__free_unpacked(explanation, NULL);
    }
}

/* With a model: whole answers. Without: the way out. */
static void patterns_absences_and_alerts_are_asked_for(void) {
    Chronotope__V1__ListRequest list = CHRONOTOPE__V1__LIST_REQUEST__INIT;
    list.user = user;
    list.k = 3;
    Chronotope__V1__ExplainRequest absence = CHRONOTOPE__V1__EXPLAIN_REQUEST__INIT;
    absence.item = "known to nobody";
    absence.request = &list;
    Chronotope__V1__Explanation *why = NULL;
    chronotope_code code = chronotope_explain_absence(client, &absence, NULL, &why, NULL);
    CHECK(code == CHRONOTOPE_OK || code == CHRONOTOPE_FAILED_PRECONDITION);
    if (why != NULL) {
        CHECK(why->absence == CHRONOTOPE__V1__ABSENCE__ABSENCE_UNKNOWN && *why->remedy != '\0');
        chronotope__v1__explanation__free_unpacked(why, NULL);
    }
    Chronotope__V1__ListPatternsRequest page = CHRONOTOPE__V1__LIST_PATTERNS_REQUEST__INIT;
    page.page_size = 1;
    Chronotope__V1__ListPatternsReply *patterns = NULL;
    code = chronotope_list_patterns(client, &page, NULL, &patterns, NULL);
    CHECK(code == CHRONOTOPE_OK || code == CHRONOTOPE_FAILED_PRECONDITION);
    if (patterns != NULL && patterns->n_patterns == 1) {
        Chronotope__V1__GetPatternRequest one = CHRONOTOPE__V1__GET_PATTERN_REQUEST__INIT;
        one.id = patterns->patterns[0]->id;
        one.version = patterns->version;
        Chronotope__V1__PatternReply *reply = NULL;
        CHECK(chronotope_get_pattern(client, &one, NULL, &reply, NULL) == CHRONOTOPE_OK);
        REQUIRE(reply != NULL && reply->pattern != NULL);
        CHECK(strcmp(reply->pattern->text, patterns->patterns[0]->text) == 0);
        chronotope__v1__pattern_reply__free_unpacked(reply, NULL);
    }
    if (patterns != NULL) {
        chronotope__v1__list_patterns_reply__free_unpacked(patterns, NULL);
    }
    Chronotope__V1__WatchAlertsRequest watch = CHRONOTOPE__V1__WATCH_ALERTS_REQUEST__INIT;
    Chronotope__V1__WatchAlertsReply *alerts = NULL;
    CHECK(chronotope_watch_alerts(client, &watch, NULL, &alerts, NULL) == CHRONOTOPE_OK);
    REQUIRE(alerts != NULL);
    CHECK(alerts->epoch_ms > 0);
    chronotope__v1__watch_alerts_reply__free_unpacked(alerts, NULL);
}

static void zero_k_is_invalid_by_field_and_remedy(void) {
    Chronotope__V1__ListRequest request = CHRONOTOPE__V1__LIST_REQUEST__INIT;
    request.user = user;
    Chronotope__V1__ListReply *reply = NULL;
    chronotope_error *error = NULL;
    CHECK(chronotope_recommend(client, &request, NULL, &reply, &error) == CHRONOTOPE_INVALID_ARGUMENT);
    CHECK(reply == NULL);
    REQUIRE(error != NULL);
    CHECK(error->n_details == 1 && strcmp(error->details[0]->field, "k") == 0);
    CHECK(error->n_details == 1 && *error->details[0]->remedy != '\0');
    chronotope_error_free(error);
}

/* 10,000 long events cannot be sent, read and checked in 5 ms. */
static void a_deadline_that_is_too_near_expires(void) {
    static char text[LONG_TEXT + 1];
    memset(text, 'x', LONG_TEXT);
    Chronotope__V1__Event event = visit();
    event.user = text;
    event.item = text;
    static Chronotope__V1__Event *events[LARGE_BATCH];
    for (size_t index = 0; index < LARGE_BATCH; index++) {
        events[index] = &event;
    }
    Chronotope__V1__PutEventsRequest request = CHRONOTOPE__V1__PUT_EVENTS_REQUEST__INIT;
    request.n_events = LARGE_BATCH;
    request.events = events;
    request.dry_run = true;
    const chronotope_options options = {.timeout_ms = 5};
    Chronotope__V1__PutEventsReply *reply = NULL;
    CHECK(chronotope_put_events(client, &request, &options, &reply, NULL) == CHRONOTOPE_DEADLINE_EXCEEDED);
    CHECK(reply == NULL);
    the_server_is_healthy();
}

int main(void) {
    const char *address = getenv("CHRONOTOPE_ADDRESS");
    if (address == NULL || *address == '\0') {
        printf("c live: skipped: CHRONOTOPE_ADDRESS does not name a running server\n");
        return 0;
    }
    alarm(120); /* a hang is a failure */
    snprintf(user, sizeof user, "c-%08x%08x", nng_random(), nng_random());
    snprintf(event_id, sizeof event_id, "e-%08x%08x", nng_random(), nng_random());
    REQUIRE(chronotope_open(address, NULL, &client, NULL) == CHRONOTOPE_OK);
    RUN(the_server_is_healthy);
    RUN(any_method_can_be_called);
    RUN(an_event_is_taken_once);
    RUN(a_bad_event_is_refused_by_field);
    RUN(an_unknown_user_gets_what_is_popular_and_why);
    RUN(what_was_used_is_trending);
    RUN(similar_items_and_explanations_need_a_model);
    RUN(patterns_absences_and_alerts_are_asked_for);
    RUN(zero_k_is_invalid_by_field_and_remedy);
    RUN(a_deadline_that_is_too_near_expires);
    chronotope_close(client);
    int code = finish_tests("live");
    nng_fini();
    return code;
}
