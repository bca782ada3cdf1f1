#include "chronotope.h"

#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>
#include <nng/supplemental/util/platform.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PROTOCOL_VERSION = 1,
    FLAG_IDEMPOTENT = 1,
    REQUEST_ID_BYTES = 16,
    MAX_REPLY_BYTES = 8 << 20, /* pages of the log are the largest replies */
    MAX_QUERY_BYTES = 1 << 20,
    MAX_INGEST_BYTES = 8 << 20,
    MAX_METADATA = 16,
    MAX_KEY_BYTES = 64,
    DEFAULT_TIMEOUT_MS = 5000,
    MAX_TIMEOUT_MS = 3600 * 1000, /* an nng duration is an int */
    DEFAULT_ATTEMPTS = 8,
    FIRST_DELAY_MS = 20,
    MAX_DELAY_MS = 500,
    RECONNECT_MIN_MS = 50,
    RECONNECT_MAX_MS = 500,
    TEXT_BYTES = 256
};

struct chronotope_client {
    nng_socket socket;
    uint32_t timeout_ms;
    uint32_t max_attempts;
    size_t n_metadata;
    Chronotope__V1__Metadata entries[MAX_METADATA];
    Chronotope__V1__Metadata *metadata[MAX_METADATA]; /* to `entries`, as protobuf-c wants it */
    char address[];
};

/* Errors */

/* An error with what its pointers point to. */
typedef struct error_box {
    chronotope_error shared; /* first, so that one pointer is both */
    Chronotope__V1__Response *response;
    char method[TEXT_BYTES];
    char text[TEXT_BYTES];
} error_box;

const char *chronotope_code_name(chronotope_code code) {
    static const char *const names[] = {
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
        "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
        "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
    };
    size_t number = (size_t)code;
    return number < sizeof names / sizeof *names ? names[number] : "UNKNOWN";
}

void chronotope_error_free(chronotope_error *error) {
    if (error == NULL) {
        return;
    }
    error_box *box = (error_box *)error;
    if (box->response != NULL) {
        chronotope__v1__response__free_unpacked(box->response, NULL);
    }
    free(box);
}

/* Sets `*error`, unless nobody asks or memory ran out, and returns the code. */
static chronotope_code fail(chronotope_error **error, chronotope_code code, const char *place, const char *problem) {
    error_box *box = error == NULL ? NULL : calloc(1, sizeof *box);
    if (box != NULL) {
        snprintf(box->text, sizeof box->text, "%s%s%s", place, *place == '\0' ? "" : ": ", problem);
        box->shared.code = code;
        box->shared.method = box->method;
        box->shared.message = box->text;
    }
    if (error != NULL) {
        *error = box == NULL ? NULL : &box->shared;
    }
    return code;
}

/* Takes the response, which becomes the error's. */
static chronotope_code fail_with(chronotope_error **error, Chronotope__V1__Response *response) {
    bool is_known = response->code <= CHRONOTOPE_UNAUTHENTICATED;
    chronotope_code code = is_known ? (chronotope_code)response->code : CHRONOTOPE_UNKNOWN;
    fail(error, code, "", "");
    if (error == NULL || *error == NULL) {
        chronotope__v1__response__free_unpacked(response, NULL);
        return code;
    }
    error_box *box = (error_box *)*error;
    box->response = response;
    box->shared.message = response->message;
    box->shared.n_details = response->n_details;
    box->shared.details = response->details;
    box->shared.retry_after_ms = response->retry_after_ms;
    return code;
}

/* Names the call that failed. */
static void sign(chronotope_error **error, const Chronotope__V1__Request *envelope) {
    if (error != NULL && *error != NULL) {
        error_box *box = (error_box *)*error;
        snprintf(box->method, sizeof box->method, "%s", envelope->method);
        memcpy(box->shared.request_id, envelope->request_id.data, REQUEST_ID_BYTES);
    }
}

/* Client */

static bool copy_metadata(chronotope_client *client, const chronotope_settings *settings) {
    for (size_t index = 0; index < settings->n_metadata; index++) {
        const chronotope_metadata *source = &settings->metadata[index];
        Chronotope__V1__Metadata *entry = &client->entries[index];
        chronotope__v1__metadata__init(entry);
        size_t key_size = strlen(source->key) + 1;
        entry->key = malloc(key_size);
        entry->value.data = malloc(source->value_size + 1);
        client->metadata[index] = entry;
        client->n_metadata = index + 1;
        if (entry->key == NULL || entry->value.data == NULL) {
            return false;
        }
        memcpy(entry->key, source->key, key_size);
        if (source->value_size > 0) {
            memcpy(entry->value.data, source->value, source->value_size);
        }
        entry->value.len = source->value_size;
    }
    return true;
}

static void free_client(chronotope_client *client) {
    for (size_t index = 0; index < client->n_metadata; index++) {
        free(client->entries[index].key);
        free(client->entries[index].value.data);
    }
    free(client);
}

/* No resend by nng: repeating is our decision, since a write may have happened. */
static int dial(nng_socket socket, const char *address) {
    int code = nng_socket_set_ms(socket, NNG_OPT_REQ_RESENDTIME, NNG_DURATION_INFINITE);
    code = code != 0 ? code : nng_socket_set_size(socket, NNG_OPT_RECVMAXSZ, MAX_REPLY_BYTES);
    code = code != 0 ? code : nng_socket_set_ms(socket, NNG_OPT_RECONNMINT, RECONNECT_MIN_MS);
    code = code != 0 ? code : nng_socket_set_ms(socket, NNG_OPT_RECONNMAXT, RECONNECT_MAX_MS);
    return code != 0 ? code : nng_dial(socket, address, NULL, NNG_FLAG_NONBLOCK);
}

chronotope_code chronotope_open(const char *address, const chronotope_settings *settings, chronotope_client **client,
                                chronotope_error **error) {
    static const chronotope_settings defaults = {0};
    settings = settings == NULL ? &defaults : settings;
    *client = NULL;
    if (settings->n_metadata > MAX_METADATA) {
        return fail(error, CHRONOTOPE_INVALID_ARGUMENT, "metadata", "more than 16 entries");
    }
    size_t address_size = strlen(address) + 1;
    chronotope_client *made = calloc(1, sizeof *made + address_size);
    if (made == NULL || !copy_metadata(made, settings)) {
        if (made != NULL) {
            free_client(made);
        }
        return fail(error, CHRONOTOPE_INTERNAL, "chronotope_open", "out of memory");
    }
    memcpy(made->address, address, address_size);
    made->timeout_ms = settings->timeout_ms == 0 ? DEFAULT_TIMEOUT_MS : settings->timeout_ms;
    made->max_attempts = settings->max_attempts == 0 ? DEFAULT_ATTEMPTS : settings->max_attempts;
    int code = nng_req0_open(&made->socket);
    if (code == 0) {
        code = dial(made->socket, address);
        if (code != 0) {
            nng_close(made->socket);
        }
    }
    if (code != 0) {
        free_client(made);
        return fail(error, CHRONOTOPE_INVALID_ARGUMENT, address, nng_strerror(code));
    }
    *client = made;
    return CHRONOTOPE_OK;
}

void chronotope_close(chronotope_client *client) {
    if (client != NULL) {
        nng_close(client->socket);
        free_client(client);
    }
}

/* One attempt */

static int time_left(nng_time deadline) {
    nng_time now = nng_clock();
    return now < deadline ? (int)(deadline - now) : 0;
}

/* Sends the message, which is taken, and waits for the reply on a context of its own; an nng error number. */
static int exchange(nng_ctx context, nng_aio *aio, nng_msg *message, nng_time deadline, bool *is_sent,
                    nng_msg **reply) {
    nng_aio_set_msg(aio, message);
    nng_aio_set_timeout(aio, time_left(deadline));
    nng_ctx_send(context, aio);
    nng_aio_wait(aio);
    int code = nng_aio_result(aio);
    if (code != 0) {
        nng_msg_free(message); /* not sent: still ours */
        return code;
    }
    *is_sent = true;
    nng_aio_set_timeout(aio, time_left(deadline));
    nng_ctx_recv(context, aio);
    nng_aio_wait(aio);
    code = nng_aio_result(aio);
    if (code == 0) {
        *reply = nng_aio_get_msg(aio);
    }
    return code;
}

static int round_trip(nng_socket socket, nng_msg *message, nng_time deadline, bool *is_sent, nng_msg **reply) {
    nng_ctx context;
    nng_aio *aio = NULL;
    int code = nng_ctx_open(&context, socket);
    if (code != 0) {
        nng_msg_free(message);
        return code;
    }
    code = nng_aio_alloc(&aio, NULL, NULL);
    if (code == 0) {
        code = exchange(context, aio, message, deadline, is_sent, reply);
        nng_aio_free(aio);
    } else {
        nng_msg_free(message);
    }
    nng_ctx_close(context);
    return code;
}

/* What an nng error number means to the caller. */
static chronotope_code transport_failure(const chronotope_client *client, int code, bool is_sent,
                                         chronotope_error **error) {
    switch (code) {
    case NNG_ETIMEDOUT:
        return is_sent ? fail(error, CHRONOTOPE_DEADLINE_EXCEEDED, client->address, "no reply in time")
                       : fail(error, CHRONOTOPE_UNAVAILABLE, client->address, "not reached in time");
    case NNG_ENOMEM:
        return fail(error, CHRONOTOPE_INTERNAL, client->address, "out of memory");
    default:
        return fail(error, CHRONOTOPE_UNAVAILABLE, client->address, nng_strerror(code));
    }
}

static bool answers(const Chronotope__V1__Response *response, const Chronotope__V1__Request *envelope) {
    return response->request_id.len == REQUEST_ID_BYTES &&
           memcmp(response->request_id.data, envelope->request_id.data, REQUEST_ID_BYTES) == 0;
}

/* Servers close the connection at a larger frame, and everybody's calls on it fail. */
static size_t frame_limit(const char *method) {
    static const char ingest[] = "chronotope.v1.Ingest/";
    return strncmp(method, ingest, sizeof ingest - 1) == 0 ? MAX_INGEST_BYTES : MAX_QUERY_BYTES;
}

/* One round trip. On CHRONOTOPE_OK `*response` is the caller's to free. */
static chronotope_code attempt(chronotope_client *client, Chronotope__V1__Request *envelope, nng_time deadline,
                               Chronotope__V1__Response **response, chronotope_error **error) {
    int left = time_left(deadline);
    if (left == 0) {
        return fail(error, CHRONOTOPE_DEADLINE_EXCEEDED, client->address, "no time is left for the call");
    }
    envelope->timeout_ms = (uint32_t)left;
    size_t size = chronotope__v1__request__get_packed_size(envelope);
    if (size > frame_limit(envelope->method)) {
        char problem[TEXT_BYTES];
        snprintf(problem, sizeof problem, "a frame of %zu bytes; send at most %zu at once", size,
                 frame_limit(envelope->method));
        return fail(error, CHRONOTOPE_INVALID_ARGUMENT, "payload", problem);
    }
    nng_msg *message = NULL;
    nng_msg *reply = NULL;
    bool is_sent = false;
    int code = nng_msg_alloc(&message, size);
    if (code == 0) {
        chronotope__v1__request__pack(envelope, nng_msg_body(message));
        code = round_trip(client->socket, message, deadline, &is_sent, &reply);
    }
    if (code != 0) {
        return transport_failure(client, code, is_sent, error);
    }
    Chronotope__V1__Response *decoded = chronotope__v1__response__unpack(NULL, nng_msg_len(reply), nng_msg_body(reply));
    nng_msg_free(reply);
    if (decoded == NULL || (decoded->code == CHRONOTOPE_OK && !answers(decoded, envelope))) {
        if (decoded != NULL) {
            chronotope__v1__response__free_unpacked(decoded, NULL);
        }
        return fail(error, CHRONOTOPE_INTERNAL, client->address, "does not answer as a Chronotope service");
    }
    if (decoded->code != CHRONOTOPE_OK) {
        return fail_with(error, decoded);
    }
    *response = decoded;
    return CHRONOTOPE_OK;
}

/* Calls */

static void fill_random(uint8_t *bytes, size_t size) {
    for (size_t offset = 0; offset < size; offset += sizeof(uint32_t)) {
        uint32_t word = nng_random();
        size_t left = size - offset;
        memcpy(bytes + offset, &word, left < sizeof word ? left : sizeof word);
    }
}

/* Milliseconds to wait after the `count`-th failure, from 1 on: doubling, with jitter from half to whole. */
static uint32_t backoff(uint32_t count, uint32_t retry_after_ms) {
    uint32_t delay = FIRST_DELAY_MS;
    while (--count > 0 && delay < MAX_DELAY_MS) {
        delay *= 2;
    }
    delay = delay < MAX_DELAY_MS ? delay : MAX_DELAY_MS;
    delay -= nng_random() % (delay / 2 + 1);
    return delay > retry_after_ms ? delay : retry_after_ms;
}

/* Attempts until one succeeds, the code says that repeating is useless, or the time or the attempts are used up. */
static chronotope_code call_response(chronotope_client *client, Chronotope__V1__Request *envelope, uint32_t timeout_ms,
                                     Chronotope__V1__Response **response, chronotope_error **error) {
    nng_time deadline = nng_clock() + (timeout_ms < MAX_TIMEOUT_MS ? timeout_ms : MAX_TIMEOUT_MS);
    uint32_t allowed = (envelope->flags & FLAG_IDEMPOTENT) != 0 ? client->max_attempts : 1;
    for (uint32_t count = 1;; count++) {
        chronotope_error *failure = NULL;
        chronotope_code code = attempt(client, envelope, deadline, response, &failure);
        if (code == CHRONOTOPE_OK) {
            return code;
        }
        bool is_repeatable = code == CHRONOTOPE_UNAVAILABLE || code == CHRONOTOPE_RESOURCE_EXHAUSTED;
        uint32_t delay = backoff(count, failure == NULL ? 0 : failure->retry_after_ms);
        if (is_repeatable && count < allowed && delay < (uint32_t)time_left(deadline)) {
            chronotope_error_free(failure);
            nng_msleep((nng_duration)delay);
            continue;
        }
        sign(&failure, envelope);
        if (error != NULL) {
            *error = failure;
        } else {
            chronotope_error_free(failure);
        }
        return code;
    }
}

/* Puts request bytes into an envelope and calls. On CHRONOTOPE_OK `*response` is the caller's to free. */
static chronotope_code call_payload(chronotope_client *client, const char *method, ProtobufCBinaryData payload,
                                    const chronotope_options *options, Chronotope__V1__Response **response,
                                    chronotope_error **error) {
    static const chronotope_options defaults = {0};
    options = options == NULL ? &defaults : options;
    if (options->idempotency_key_size > MAX_KEY_BYTES) {
        return fail(error, CHRONOTOPE_INVALID_ARGUMENT, "idempotency key", "more than 64 bytes");
    }
    uint8_t request_id[REQUEST_ID_BYTES];
    fill_random(request_id, sizeof request_id);
    Chronotope__V1__Request envelope = CHRONOTOPE__V1__REQUEST__INIT;
    envelope.protocol_version = PROTOCOL_VERSION;
    envelope.request_id = (ProtobufCBinaryData){sizeof request_id, request_id};
    envelope.method = (char *)method; /* protobuf-c only reads what it packs */
    envelope.n_metadata = client->n_metadata;
    envelope.metadata = client->metadata;
    envelope.flags = options->is_idempotent || options->idempotency_key_size > 0 ? FLAG_IDEMPOTENT : 0;
    envelope.idempotency_key.len = options->idempotency_key_size;
    envelope.idempotency_key.data = (uint8_t *)options->idempotency_key;
    envelope.payload = payload;
    uint32_t timeout_ms = options->timeout_ms == 0 ? client->timeout_ms : options->timeout_ms;
    return call_response(client, &envelope, timeout_ms, response, error);
}

chronotope_code chronotope_call(chronotope_client *client, const char *method, const ProtobufCMessage *request,
                                const chronotope_options *options, const ProtobufCMessageDescriptor *reply_type,
                                ProtobufCMessage **reply, chronotope_error **error) {
    *reply = NULL;
    size_t size = protobuf_c_message_get_packed_size(request);
    uint8_t *bytes = malloc(size + 1); /* an empty message is no failure */
    if (bytes == NULL) {
        return fail(error, CHRONOTOPE_INTERNAL, method, "out of memory");
    }
    protobuf_c_message_pack(request, bytes);
    Chronotope__V1__Response *response = NULL;
    chronotope_code code =
        call_payload(client, method, (ProtobufCBinaryData){size, bytes}, options, &response, error);
    free(bytes);
    if (code != CHRONOTOPE_OK) {
        return code;
    }
    *reply = protobuf_c_message_unpack(reply_type, NULL, response->payload.len, response->payload.data);
    chronotope__v1__response__free_unpacked(response, NULL);
    return *reply != NULL ? CHRONOTOPE_OK : fail(error, CHRONOTOPE_INTERNAL, method, "the reply is of another type");
}

chronotope_code chronotope_call_bytes(chronotope_client *client, const char *method, const uint8_t *request,
                                      size_t request_size, const chronotope_options *options, uint8_t **reply,
                                      size_t *reply_size, chronotope_error **error) {
    *reply = NULL;
    *reply_size = 0;
    ProtobufCBinaryData payload = {request_size, (uint8_t *)request};
    Chronotope__V1__Response *response = NULL;
    chronotope_code code = call_payload(client, method, payload, options, &response, error);
    if (code != CHRONOTOPE_OK) {
        return code;
    }
    *reply = malloc(response->payload.len + 1);
    if (*reply != NULL) {
        *reply_size = response->payload.len;
        if (*reply_size > 0) {
            memcpy(*reply, response->payload.data, *reply_size);
        }
    }
    chronotope__v1__response__free_unpacked(response, NULL);
    return *reply != NULL ? CHRONOTOPE_OK : fail(error, CHRONOTOPE_INTERNAL, method, "out of memory");
}

/* Typed calls */

/* A read: harmless to repeat, whatever the options say. */
static chronotope_code read_call(chronotope_client *client, const char *method, const ProtobufCMessage *request,
                                 const chronotope_options *options, const ProtobufCMessageDescriptor *reply_type,
                                 ProtobufCMessage **reply, chronotope_error **error) {
    chronotope_options repeatable = options == NULL ? (chronotope_options){0} : *options;
    repeatable.is_idempotent = true;
    return chronotope_call(client, method, request, &repeatable, reply_type, reply, error);
}

static chronotope_code list_call(chronotope_client *client, const char *method,
                                 const Chronotope__V1__ListRequest *request, const chronotope_options *options,
                                 Chronotope__V1__ListReply **reply, chronotope_error **error) {
    ProtobufCMessage *message = NULL;
    chronotope_code code = read_call(client, method, &request->base, options, &chronotope__v1__list_reply__descriptor,
                                     &message, error);
    *reply = (Chronotope__V1__ListReply *)message;
    return code;
}

chronotope_code chronotope_recommend(chronotope_client *client, const Chronotope__V1__ListRequest *request,
                                     const chronotope_options *options, Chronotope__V1__ListReply **reply,
                                     chronotope_error **error) {
    return list_call(client, "chronotope.v1.Query/Recommend", request, options, reply, error);
}

chronotope_code chronotope_similar_items(chronotope_client *client, const Chronotope__V1__ListRequest *request,
                                         const chronotope_options *options, Chronotope__V1__ListReply **reply,
                                         chronotope_error **error) {
    return list_call(client, "chronotope.v1.Query/SimilarItems", request, options, reply, error);
}

chronotope_code chronotope_trending(chronotope_client *client, const Chronotope__V1__ListRequest *request,
                                    const chronotope_options *options, Chronotope__V1__ListReply **reply,
                                    chronotope_error **error) {
    return list_call(client, "chronotope.v1.Query/Trending", request, options, reply, error);
}

chronotope_code chronotope_explain(chronotope_client *client, const Chronotope__V1__ExplainRequest *request,
                                   const chronotope_options *options, Chronotope__V1__Explanation **reply,
                                   chronotope_error **error) {
    ProtobufCMessage *message = NULL;
    chronotope_code code = read_call(client, "chronotope.v1.Query/Explain", &request->base, options,
                                     &chronotope__v1__explanation__descriptor, &message, error);
    *reply = (Chronotope__V1__Explanation *)message;
    return code;
}

chronotope_code chronotope_explain_absence(chronotope_client *client, const Chronotope__V1__ExplainRequest *request,
                                           const chronotope_options *options, Chronotope__V1__Explanation **reply,
                                           chronotope_error **error) {
    ProtobufCMessage *message = NULL;
    chronotope_code code = read_call(client, "chronotope.v1.Query/ExplainAbsence", &request->base, options,
                                     &chronotope__v1__explanation__descriptor, &message, error);
    *reply = (Chronotope__V1__Explanation *)message;
    return code;
}

chronotope_code chronotope_list_patterns(chronotope_client *client, const Chronotope__V1__ListPatternsRequest *request,
                                         const chronotope_options *options, Chronotope__V1__ListPatternsReply **reply,
                                         chronotope_error **error) {
    ProtobufCMessage *message = NULL;
    chronotope_code code = read_call(client, "chronotope.v1.Query/ListPatterns", &request->base, options,
                                     &chronotope__v1__list_patterns_reply__descriptor, &message, error);
    *reply = (Chronotope__V1__ListPatternsReply *)message;
    return code;
}

chronotope_code chronotope_get_pattern(chronotope_client *client, const Chronotope__V1__GetPatternRequest *request,
                                       const chronotope_options *options, Chronotope__V1__PatternReply **reply,
                                       chronotope_error **error) {
    ProtobufCMessage *message = NULL;
    chronotope_code code = read_call(client, "chronotope.v1.Query/GetPattern", &request->base, options,
                                     &chronotope__v1__pattern_reply__descriptor, &message, error);
    *reply = (Chronotope__V1__PatternReply *)message;
    return code;
}

chronotope_code chronotope_watch_alerts(chronotope_client *client, const Chronotope__V1__WatchAlertsRequest *request,
                                        const chronotope_options *options, Chronotope__V1__WatchAlertsReply **reply,
                                        chronotope_error **error) {
    ProtobufCMessage *message = NULL;
    chronotope_code code = read_call(client, "chronotope.v1.Query/WatchAlerts", &request->base, options,
                                     &chronotope__v1__watch_alerts_reply__descriptor, &message, error);
    *reply = (Chronotope__V1__WatchAlertsReply *)message;
    return code;
}

chronotope_code chronotope_health(chronotope_client *client, const char *service, const chronotope_options *options,
                                  Chronotope__V1__HealthCheckReply **reply, chronotope_error **error) {
    Chronotope__V1__HealthCheckRequest request = CHRONOTOPE__V1__HEALTH_CHECK_REQUEST__INIT;
    if (service != NULL) {
        request.service = (char *)service;
    }
    ProtobufCMessage *message = NULL;
    chronotope_code code = read_call(client, "chronotope.v1.Health/Check", &request.base, options,
                                     &chronotope__v1__health_check_reply__descriptor, &message, error);
    *reply = (Chronotope__V1__HealthCheckReply *)message;
    return code;
}

chronotope_code chronotope_put_events(chronotope_client *client, const Chronotope__V1__PutEventsRequest *request,
                                      const chronotope_options *options, Chronotope__V1__PutEventsReply **reply,
                                      chronotope_error **error) {
    chronotope_options keyed = options == NULL ? (chronotope_options){0} : *options;
    uint8_t key[REQUEST_ID_BYTES];
    if (keyed.idempotency_key_size == 0) {
        fill_random(key, sizeof key);
        keyed.idempotency_key = key;
        keyed.idempotency_key_size = sizeof key;
    }
    ProtobufCMessage *message = NULL;
    chronotope_code code = chronotope_call(client, "chronotope.v1.Ingest/PutEvents", &request->base, &keyed,
                                           &chronotope__v1__put_events_reply__descriptor, &message, error);
    *reply = (Chronotope__V1__PutEventsReply *)message;
    return code;
}
