/* The C client of Chronotope: typed calls with deadlines, statuses and safe retries, over nng request/reply sockets.
 *
 *     chronotope_client *client = NULL;
 *     chronotope_error *error = NULL;
 *     if (chronotope_open("tcp://127.0.0.1:7300", NULL, &client, &error) != CHRONOTOPE_OK) ...
 *
 *     Chronotope__V1__ListRequest request = CHRONOTOPE__V1__LIST_REQUEST__INIT;
 *     request.user = "ada";
 *     request.k = 10;
 *     Chronotope__V1__ListReply *reply = NULL;
 *     if (chronotope_recommend(client, &request, NULL, &reply, &error) == CHRONOTOPE_OK) {
 *         ... reply->items[0]->name ...
 *         chronotope__v1__list_reply__free_unpacked(reply, NULL);
 *     }
 *
 * Messages are those of the contract (proto/chronotope/v1), as protobuf-c generates them. Strings are UTF-8.
 *
 * Every function that can fail returns a code. Unless it is CHRONOTOPE_OK, replies are left NULL and `*error`, where
 * `error` is not NULL, says more; free it with chronotope_error_free(). `*error` is overwritten, so free it first.
 */
#ifndef CHRONOTOPE_H
#define CHRONOTOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chronotope/v1/common.pb-c.h"
#include "chronotope/v1/health.pb-c.h"
#include "chronotope/v1/ingest.pb-c.h"
#include "chronotope/v1/model.pb-c.h"
#include "chronotope/v1/query.pb-c.h"
#include "chronotope/v1/reflection.pb-c.h"
#include "chronotope/v1/release.pb-c.h"
#include "chronotope/v1/rpc.pb-c.h"
#include "chronotope/v1/training.pb-c.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The gRPC codes, as on the wire; docs/WIRE.md says what the caller should do next. */
typedef enum chronotope_code {
    CHRONOTOPE_OK = 0,
    CHRONOTOPE_CANCELLED = 1,
    CHRONOTOPE_UNKNOWN = 2,
    CHRONOTOPE_INVALID_ARGUMENT = 3,
    CHRONOTOPE_DEADLINE_EXCEEDED = 4,
    CHRONOTOPE_NOT_FOUND = 5,
    CHRONOTOPE_ALREADY_EXISTS = 6,
    CHRONOTOPE_PERMISSION_DENIED = 7,
    CHRONOTOPE_RESOURCE_EXHAUSTED = 8,
    CHRONOTOPE_FAILED_PRECONDITION = 9,
    CHRONOTOPE_ABORTED = 10,
    CHRONOTOPE_OUT_OF_RANGE = 11,
    CHRONOTOPE_UNIMPLEMENTED = 12,
    CHRONOTOPE_INTERNAL = 13,
    CHRONOTOPE_UNAVAILABLE = 14,
    CHRONOTOPE_DATA_LOSS = 15,
    CHRONOTOPE_UNAUTHENTICATED = 16
} chronotope_code;

/* "INVALID_ARGUMENT"; "UNKNOWN" for a number that is no code. Never NULL. */
const char *chronotope_code_name(chronotope_code code);

/* How a call failed, on the server or on the way to it. */
typedef struct chronotope_error {
    chronotope_code code;
    const char *method;  /* "chronotope.v1.Query/Recommend"; empty where no call was made */
    const char *message; /* for people */
    size_t n_details;    /* which field, why, and how to mend it */
    Chronotope__V1__ErrorDetail *const *details;
    uint32_t retry_after_ms; /* 0 where the server has no opinion */
    uint8_t request_id[16];  /* quote it when reporting a problem: the server's log has it too */
} chronotope_error;

/* Does nothing for NULL. */
void chronotope_error_free(chronotope_error *error);

/* An entry of every call's metadata, as `token` or `traceparent`; keys in lower case. */
typedef struct chronotope_metadata {
    const char *key;
    const uint8_t *value;
    size_t value_size;
} chronotope_metadata;

/* Settings of a client; zero stands for the default. Copied by chronotope_open(). */
typedef struct chronotope_settings {
    uint32_t timeout_ms;   /* of calls that name none; 5,000 */
    uint32_t max_attempts; /* of calls that may be repeated; 8, which outlast a server's restart of two seconds */
    size_t n_metadata;     /* at most 16 */
    const chronotope_metadata *metadata;
} chronotope_settings;

/* Options of one call; NULL or all zero for the defaults. */
typedef struct chronotope_options {
    uint32_t timeout_ms; /* for all attempts together; 0 for the client's. The server grants at most 10,000. */
    bool is_idempotent;  /* harmless to repeat: repeated while UNAVAILABLE or RESOURCE_EXHAUSTED, with backoff */
    /* At most 64 bytes; a write under a key seen before is answered, not applied, again. A key makes idempotent. */
    const uint8_t *idempotency_key;
    size_t idempotency_key_size;
} chronotope_options;

/* Calls the services at one address. Threads may share it: each call has an nng context of its own. */
typedef struct chronotope_client chronotope_client;

/* Makes a client of "tcp://host:port", "ipc:///path" or "ws://host:port/path". Connects in the background, and again
 * whenever the connection breaks; calls wait for it until their time is over. `settings` may be NULL. */
chronotope_code chronotope_open(const char *address, const chronotope_settings *settings, chronotope_client **client,
                                chronotope_error **error);

/* Ends the connection. No call may be running. Does nothing for NULL. */
void chronotope_close(chronotope_client *client);

/* Calls any method by its full name, "chronotope.v1.Query/Recommend". `*reply` has the type of `reply_type`; free it
 * with its own free_unpacked function. `options` may be NULL.
 *
 * UNAVAILABLE: never sent, or the connection broke. DEADLINE_EXCEEDED: it may have happened. INTERNAL: the peer does
 * not speak the contract, or memory ran out here (then `*error` may be NULL). */
chronotope_code chronotope_call(chronotope_client *client, const char *method, const ProtobufCMessage *request,
                                const chronotope_options *options, const ProtobufCMessageDescriptor *reply_type,
                                ProtobufCMessage **reply, chronotope_error **error);

/* The same for messages of another codec: the reply's bytes go to `*reply`; free() them. */
chronotope_code chronotope_call_bytes(chronotope_client *client, const char *method, const uint8_t *request,
                                      size_t request_size, const chronotope_options *options, uint8_t **reply,
                                      size_t *reply_size, chronotope_error **error);

/* Reads: always repeated where that may help. */

/* The request->k items that fit request->user now, or at request->at, and there. */
chronotope_code chronotope_recommend(chronotope_client *client, const Chronotope__V1__ListRequest *request,
                                     const chronotope_options *options, Chronotope__V1__ListReply **reply,
                                     chronotope_error **error);

/* The request->k items that people use like request->item. */
chronotope_code chronotope_similar_items(chronotope_client *client, const Chronotope__V1__ListRequest *request,
                                         const chronotope_options *options, Chronotope__V1__ListReply **reply,
                                         chronotope_error **error);

/* What many people turn to; counted over request->window_seconds, 7 days where 0. */
chronotope_code chronotope_trending(chronotope_client *client, const Chronotope__V1__ListRequest *request,
                                    const chronotope_options *options, Chronotope__V1__ListReply **reply,
                                    chronotope_error **error);

/* The exact parts of request->item's score for the user of request->request; they sum to it. */
chronotope_code chronotope_explain(chronotope_client *client, const Chronotope__V1__ExplainRequest *request,
                                   const chronotope_options *options, Chronotope__V1__Explanation **reply,
                                   chronotope_error **error);

/* What first keeps request->item out of the answer to request->request, and what would bring it in. */
chronotope_code chronotope_explain_absence(chronotope_client *client, const Chronotope__V1__ExplainRequest *request,
                                           const chronotope_options *options, Chronotope__V1__Explanation **reply,
                                           chronotope_error **error);

/* One page of a version's patterns; (*reply)->next_page_token leads to the next and is empty after the last. */
chronotope_code chronotope_list_patterns(chronotope_client *client, const Chronotope__V1__ListPatternsRequest *request,
                                         const chronotope_options *options, Chronotope__V1__ListPatternsReply **reply,
                                         chronotope_error **error);

/* The pattern of request->id, which is the same in every version. */
chronotope_code chronotope_get_pattern(chronotope_client *client, const Chronotope__V1__GetPatternRequest *request,
                                       const chronotope_options *options, Chronotope__V1__PatternReply **reply,
                                       chronotope_error **error);

/* Alerts after request->after_sequence; waits for the first, request->wait_ms, which must be less than the timeout. Ask
 * on with last_sequence and epoch_ms of the reply: a restart of the service is then seen. */
chronotope_code chronotope_watch_alerts(chronotope_client *client, const Chronotope__V1__WatchAlertsRequest *request,
                                        const chronotope_options *options, Chronotope__V1__WatchAlertsReply **reply,
                                        chronotope_error **error);

/* Whether `service` ("chronotope.v1.Query"), or for NULL the whole process, can answer. */
chronotope_code chronotope_health(chronotope_client *client, const char *service, const chronotope_options *options,
                                  Chronotope__V1__HealthCheckReply **reply, chronotope_error **error);

/* Appends 1 to 10,000 events; returns once they are safe on disk. Look at (*reply)->refused. Without a key in the
 * options a random one covers this call's own retries; bring your own to repeat it across restarts of your program. */
chronotope_code chronotope_put_events(chronotope_client *client, const Chronotope__V1__PutEventsRequest *request,
                                      const chronotope_options *options, Chronotope__V1__PutEventsReply **reply,
                                      chronotope_error **error);

#ifdef __cplusplus
}
#endif

#endif
