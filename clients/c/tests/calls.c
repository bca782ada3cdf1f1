/* Calls, deadlines, errors and retries against a small server in this process. */
#include "chronotope.h"

#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>
#include <pthread.h>
#include <unistd.h>

#include "check.h"

enum { MAX_SEEN = 16, THREADS = 16 };

static const char address[] = "inproc://calls";

/* A server that fails the first requests with `code`, then answers an empty message, or the user as the list's id. */
typedef struct server {
    nng_socket socket;
    pthread_t thread;
    unsigned failures_left;
    uint32_t code;
    uint32_t retry_after_ms;
    bool is_silent, is_garbled, is_other_id;
    unsigned count;
    uint8_t keys[MAX_SEEN][16];
    Chronotope__V1__Request *last;
} server;

static void forget_last(server *s) {
    if (s->last != NULL) {
        chronotope__v1__request__free_unpacked(s->last, NULL);
        s->last = NULL;
    }
}

static void send_response(server *s, const Chronotope__V1__Response *response) {
    nng_msg *message = NULL;
    REQUIRE(nng_msg_alloc(&message, chronotope__v1__response__get_packed_size(response)) == 0);
    chronotope__v1__response__pack(response, nng_msg_body(message));
    if (nng_sendmsg(s->socket, message, 0) != 0) {
        nng_msg_free(message);
    }
}

static void answer(server *s) {
    Chronotope__V1__Response response = CHRONOTOPE__V1__RESPONSE__INIT;
    Chronotope__V1__ErrorDetail detail = CHRONOTOPE__V1__ERROR_DETAIL__INIT;
    Chronotope__V1__ErrorDetail *details[] = {&detail};
    Chronotope__V1__ListReply list = CHRONOTOPE__V1__LIST_REPLY__INIT;
    uint8_t payload[256];
    uint8_t other_id[16] = {0};
    response.request_id = s->is_other_id ? (ProtobufCBinaryData){16, other_id} : s->last->request_id;
    if (s->failures_left > 0) {
        s->failures_left--;
        detail.field = "k";
        detail.reason = "is 0";
        detail.remedy = "ask for 1 to 1,000";
        response.code = s->code;
        response.message = "not now";
        response.retry_after_ms = s->retry_after_ms;
        response.n_details = 1;
        response.details = details;
    } else if (strstr(s->last->method, "Query/") != NULL) {
        Chronotope__V1__ListRequest *request =
            chronotope__v1__list_request__unpack(NULL, s->last->payload.len, s->last->payload.data);
        REQUIRE(request != NULL && strlen(request->user) < 200);
        list.recommendation_id = request->user;
        response.payload.len = chronotope__v1__list_reply__pack(&list, payload);
        response.payload.data = payload;
        chronotope__v1__list_request__free_unpacked(request, NULL);
    }
    send_response(s, &response);
}

static void *serve(void *argument) {
    server *s = argument;
    nng_msg *message = NULL;
    while (nng_recvmsg(s->socket, &message, 0) == 0) {
        forget_last(s);
        s->last = chronotope__v1__request__unpack(NULL, nng_msg_len(message), nng_msg_body(message));
        REQUIRE(s->last != NULL);
        if (s->count < MAX_SEEN && s->last->idempotency_key.len == 16) {
            memcpy(s->keys[s->count], s->last->idempotency_key.data, 16);
        }
        s->count++;
        if (s->is_silent) {
            nng_msg_free(message);
        } else if (s->is_garbled) {
            nng_msg_clear(message);
            REQUIRE(nng_msg_append(message, "\xff\xff", 2) == 0 && nng_sendmsg(s->socket, message, 0) == 0);
        } else {
            nng_msg_free(message);
            answer(s);
        }
    }
    return NULL;
}

static void start(server *s) {
    REQUIRE(nng_rep0_open(&s->socket) == 0 && nng_listen(s->socket, address, NULL, 0) == 0);
    REQUIRE(pthread_create(&s->thread, NULL, serve, s) == 0);
}

/* Ends the thread, so that what it saw may be read. */
static void stop(server *s) {
    nng_close(s->socket);
    REQUIRE(pthread_join(s->thread, NULL) == 0);
}

static chronotope_client *open_client(const chronotope_settings *settings) {
    chronotope_client *client = NULL;
    REQUIRE(chronotope_open(address, settings, &client, NULL) == CHRONOTOPE_OK);
    return client;
}

static chronotope_code put_one(chronotope_client *client, const chronotope_options *options, chronotope_error **error) {
    Chronotope__V1__Event event = CHRONOTOPE__V1__EVENT__INIT;
    Chronotope__V1__PutEventsRequest request = CHRONOTOPE__V1__PUT_EVENTS_REQUEST__INIT;
    request.n_events = 1;
    request.events = (Chronotope__V1__Event *[]){&event};
    Chronotope__V1__PutEventsReply *reply = NULL;
    chronotope_code code = chronotope_put_events(client, &request, options, &reply, error);
    CHECK((code == CHRONOTOPE_OK) == (reply != NULL));
    if (reply != NULL) {
        chronotope__v1__put_events_reply__free_unpacked(reply, NULL);
    }
    return code;
}

/* Asks for `user`; true if the server answered for that one. */
static bool recommends(chronotope_client *client, const char *user) {
    Chronotope__V1__ListRequest request = CHRONOTOPE__V1__LIST_REQUEST__INIT;
    request.user = (char *)user;
    Chronotope__V1__ListReply *reply = NULL;
    if (chronotope_recommend(client, &request, NULL, &reply, NULL) != CHRONOTOPE_OK) {
        return false;
    }
    bool is_answered = strcmp(reply->recommendation_id, user) == 0;
    chronotope__v1__list_reply__free_unpacked(reply, NULL);
    return is_answered;
}

static chronotope_code check_health(chronotope_client *client, uint32_t timeout_ms, chronotope_error **error) {
    const chronotope_options options = {.timeout_ms = timeout_ms};
    Chronotope__V1__HealthCheckReply *reply = NULL;
    chronotope_code code = chronotope_health(client, NULL, &options, &reply, error);
    if (reply != NULL) {
        chronotope__v1__health_check_reply__free_unpacked(reply, NULL);
    }
    return code;
}

static void the_envelope_says_what_was_asked(void) {
    server s = {0};
    start(&s);
    const chronotope_metadata token = {"token", (const uint8_t *)"secret", 6};
    const chronotope_settings settings = {.n_metadata = 1, .metadata = &token};
    chronotope_client *client = open_client(&settings);
    CHECK(recommends(client, "ada"));
    stop(&s);
    chronotope_close(client);
    REQUIRE(s.count == 1);
    CHECK(s.last->protocol_version == 1 && s.last->request_id.len == 16 && s.last->flags == 1);
    CHECK(strcmp(s.last->method, "chronotope.v1.Query/Recommend") == 0);
    CHECK(s.last->timeout_ms > 0 && s.last->timeout_ms <= 5000);
    CHECK(s.last->n_metadata == 1 && strcmp(s.last->metadata[0]->key, "token") == 0);
    CHECK(s.last->metadata[0]->value.len == 6 && memcmp(s.last->metadata[0]->value.data, "secret", 6) == 0);
    forget_last(&s);
}

static void an_error_has_code_details_and_retry_after(void) {
    server s = {.failures_left = 1, .code = CHRONOTOPE_INVALID_ARGUMENT, .retry_after_ms = 250};
    start(&s);
    chronotope_client *client = open_client(NULL);
    chronotope_error *error = NULL;
    CHECK(check_health(client, 0, &error) == CHRONOTOPE_INVALID_ARGUMENT);
    stop(&s);
    chronotope_close(client);
    REQUIRE(error != NULL);
    CHECK(s.count == 1); /* a bad request is not repeated */
    CHECK(error->retry_after_ms == 250 && strcmp(error->message, "not now") == 0);
    CHECK(strcmp(error->method, "chronotope.v1.Health/Check") == 0);
    CHECK(error->n_details == 1 && strcmp(error->details[0]->field, "k") == 0);
    CHECK(strcmp(error->details[0]->remedy, "ask for 1 to 1,000") == 0);
    CHECK(memcmp(error->request_id, s.last->request_id.data, 16) == 0);
    chronotope_error_free(error);
    forget_last(&s);
}

static void an_unknown_code_is_unknown(void) {
    server s = {.failures_left = 1, .code = 99};
    start(&s);
    chronotope_client *client = open_client(NULL);
    CHECK(check_health(client, 0, NULL) == CHRONOTOPE_UNKNOWN);
    stop(&s);
    chronotope_close(client);
    forget_last(&s);
    CHECK(strcmp(chronotope_code_name(CHRONOTOPE_UNAUTHENTICATED), "UNAUTHENTICATED") == 0);
    CHECK(strcmp(chronotope_code_name((chronotope_code)17), "UNKNOWN") == 0);
}

static void a_write_is_repeated_under_one_key(void) {
    server s = {.failures_left = 2, .code = CHRONOTOPE_UNAVAILABLE};
    start(&s);
    chronotope_client *client = open_client(NULL);
    CHECK(put_one(client, NULL, NULL) == CHRONOTOPE_OK);
    stop(&s);
    chronotope_close(client);
    forget_last(&s);
    const uint8_t nothing[16] = {0};
    CHECK(s.count == 3);
    CHECK(memcmp(s.keys[0], nothing, 16) != 0);
    CHECK(memcmp(s.keys[0], s.keys[1], 16) == 0 && memcmp(s.keys[1], s.keys[2], 16) == 0);
}

static void a_call_that_may_do_harm_is_not_repeated(void) {
    server s = {.failures_left = 1, .code = CHRONOTOPE_UNAVAILABLE};
    start(&s);
    chronotope_client *client = open_client(NULL);
    uint8_t *reply = NULL;
    size_t size = 1;
    const char *method = "chronotope.v1.Training/StartRun";
    CHECK(chronotope_call_bytes(client, method, NULL, 0, NULL, &reply, &size, NULL) == CHRONOTOPE_UNAVAILABLE);
    CHECK(reply == NULL && size == 0);
    CHECK(chronotope_call_bytes(client, method, NULL, 0, NULL, &reply, &size, NULL) == CHRONOTOPE_OK);
    CHECK(reply != NULL && size == 0);
    free(reply);
    stop(&s);
    chronotope_close(client);
    CHECK(s.count == 2 && s.last->flags == 0);
    forget_last(&s);
}

static void a_frame_too_large_is_refused_here(void) {
    server s = {0};
    start(&s);
    chronotope_client *client = open_client(NULL);
    static uint8_t large[1 << 20];
    uint8_t *reply = NULL;
    size_t size = 0;
    chronotope_error *error = NULL;
    const char *query = "chronotope.v1.Query/Recommend";
    CHECK(chronotope_call_bytes(client, query, large, sizeof large, NULL, &reply, &size, &error) ==
          CHRONOTOPE_INVALID_ARGUMENT);
    CHECK(error != NULL && strstr(error->message, "at most 1048576") != NULL);
    chronotope_error_free(error);
    CHECK(s.count == 0);
    const char *ingest = "chronotope.v1.Ingest/PutEvents";
    CHECK(chronotope_call_bytes(client, ingest, large, sizeof large, NULL, &reply, &size, NULL) == CHRONOTOPE_OK);
    free(reply);
    stop(&s);
    chronotope_close(client);
    forget_last(&s);
}

static void retries_end(void) {
    server s = {.failures_left = 100, .code = CHRONOTOPE_RESOURCE_EXHAUSTED};
    start(&s);
    const chronotope_settings settings = {.max_attempts = 3};
    chronotope_client *client = open_client(&settings);
    CHECK(check_health(client, 0, NULL) == CHRONOTOPE_RESOURCE_EXHAUSTED);
    stop(&s);
    chronotope_close(client);
    CHECK(s.count == 3);
    forget_last(&s);
}

static void a_wait_beyond_the_deadline_is_not_waited(void) {
    server s = {.failures_left = 100, .code = CHRONOTOPE_UNAVAILABLE, .retry_after_ms = 60000};
    start(&s);
    chronotope_client *client = open_client(NULL);
    CHECK(check_health(client, 2000, NULL) == CHRONOTOPE_UNAVAILABLE);
    stop(&s);
    chronotope_close(client);
    CHECK(s.count == 1);
    forget_last(&s);
}

static void silence_is_a_deadline_and_is_not_repeated(void) {
    server s = {.is_silent = true};
    start(&s);
    chronotope_client *client = open_client(NULL);
    CHECK(check_health(client, 200, NULL) == CHRONOTOPE_DEADLINE_EXCEEDED);
    stop(&s);
    chronotope_close(client);
    CHECK(s.count == 1);
    forget_last(&s);
}

static void a_lost_connection_is_unavailable(void) {
    server s = {.is_silent = true};
    start(&s);
    const chronotope_settings settings = {.max_attempts = 1};
    chronotope_client *client = open_client(&settings);
    CHECK(check_health(client, 100, NULL) == CHRONOTOPE_DEADLINE_EXCEEDED);
    stop(&s);
    forget_last(&s);
    CHECK(check_health(client, 100, NULL) == CHRONOTOPE_UNAVAILABLE);
    chronotope_close(client);
}

static void nobody_there_is_unavailable(void) {
    chronotope_client *client = open_client(NULL);
    chronotope_error *error = NULL;
    CHECK(check_health(client, 100, &error) == CHRONOTOPE_UNAVAILABLE);
    CHECK(error != NULL && strstr(error->message, address) != NULL);
    chronotope_error_free(error);
    chronotope_close(client);
}

static void a_reply_that_is_no_response_is_internal(void) {
    server garbled = {.is_garbled = true};
    start(&garbled);
    chronotope_client *client = open_client(NULL);
    CHECK(check_health(client, 0, NULL) == CHRONOTOPE_INTERNAL);
    stop(&garbled);
    forget_last(&garbled);
    server other = {.is_other_id = true};
    start(&other);
    CHECK(check_health(client, 0, NULL) == CHRONOTOPE_INTERNAL);
    stop(&other);
    forget_last(&other);
    chronotope_close(client);
}

static void an_address_that_is_none_is_refused(void) {
    chronotope_client *client = NULL;
    chronotope_error *error = NULL;
    CHECK(chronotope_open("carrier pigeon", NULL, &client, &error) == CHRONOTOPE_INVALID_ARGUMENT);
    CHECK(client == NULL && error != NULL && strstr(error->message, "carrier pigeon") != NULL);
    chronotope_error_free(error);
    chronotope_error_free(NULL);
    chronotope_close(NULL);
}

static void a_key_that_is_too_long_is_refused(void) {
    chronotope_client *client = open_client(NULL);
    const uint8_t key[65] = {1};
    const chronotope_options options = {.idempotency_key = key, .idempotency_key_size = sizeof key};
    CHECK(put_one(client, &options, NULL) == CHRONOTOPE_INVALID_ARGUMENT);
    chronotope_close(client);
}

typedef struct asker {
    chronotope_client *client;
    char user[16];
    bool is_answered;
} asker;

static void *ask(void *argument) {
    asker *a = argument;
    a->is_answered = true;
    for (int round = 0; round < 20; round++) {
        a->is_answered = recommends(a->client, a->user) && a->is_answered;
    }
    return NULL;
}

static void threads_share_a_client(void) {
    server s = {0};
    start(&s);
    chronotope_client *client = open_client(NULL);
    pthread_t threads[THREADS];
    asker askers[THREADS];
    for (int index = 0; index < THREADS; index++) {
        askers[index].client = client;
        snprintf(askers[index].user, sizeof askers[index].user, "u%d", index);
        REQUIRE(pthread_create(&threads[index], NULL, ask, &askers[index]) == 0);
    }
    for (int index = 0; index < THREADS; index++) {
        REQUIRE(pthread_join(threads[index], NULL) == 0);
        CHECK(askers[index].is_answered);
    }
    stop(&s);
    chronotope_close(client);
    CHECK(s.count == THREADS * 20);
    forget_last(&s);
}

int main(void) {
    alarm(60); /* a hang is a failure */
    RUN(the_envelope_says_what_was_asked);
    RUN(an_error_has_code_details_and_retry_after);
    RUN(an_unknown_code_is_unknown);
    RUN(a_write_is_repeated_under_one_key);
    RUN(a_call_that_may_do_harm_is_not_repeated);
    RUN(a_frame_too_large_is_refused_here);
    RUN(retries_end);
    RUN(a_wait_beyond_the_deadline_is_not_waited);
    RUN(silence_is_a_deadline_and_is_not_repeated);
    RUN(a_lost_connection_is_unavailable);
    RUN(nobody_there_is_unavailable);
    RUN(a_reply_that_is_no_response_is_internal);
    RUN(an_address_that_is_none_is_refused);
    RUN(a_key_that_is_too_long_is_refused);
    RUN(threads_share_a_client);
    int code = finish_tests("calls");
    nng_fini(); /* so that leak checkers see nothing of nng's own */
    return code;
}
