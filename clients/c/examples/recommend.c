/* Tells Chronotope of a visit and asks what comes next.
 *
 *     recommend [ADDRESS] [USER]     tcp://127.0.0.1:7300 and ada, where not given
 */
#include <chronotope.h>

#include <stdio.h>
#include <time.h>

static int report(chronotope_error *error) {
    if (error == NULL) {
        fprintf(stderr, "out of memory\n");
        return 1;
    }
    fprintf(stderr, "%s %s: %s\n", error->method, chronotope_code_name(error->code), error->message);
    for (size_t index = 0; index < error->n_details; index++) {
        const Chronotope__V1__ErrorDetail *detail = error->details[index];
        fprintf(stderr, "  %s: %s; %s\n", detail->field, detail->reason, detail->remedy);
    }
    chronotope_error_free(error);
    return 1;
}

static chronotope_code put_visit(chronotope_client *client, char *user, chronotope_error **error) {
    Chronotope__V1__Place place = CHRONOTOPE__V1__PLACE__INIT;
    place.latitude = 52.5;
    place.longitude = 13.4;
    Chronotope__V1__Event visit = CHRONOTOPE__V1__EVENT__INIT;
    visit.user = user;
    visit.item = "cafe-7";
    visit.action = "checkin";
    visit.instant_ms = (int64_t)time(NULL) * 1000;
    visit.utc_offset_minutes = 60;
    visit.place = &place;
    Chronotope__V1__PutEventsRequest request = CHRONOTOPE__V1__PUT_EVENTS_REQUEST__INIT;
    request.n_events = 1;
    request.events = (Chronotope__V1__Event *[]){&visit};
    Chronotope__V1__PutEventsReply *reply = NULL;
    chronotope_code code = chronotope_put_events(client, &request, NULL, &reply, error);
    if (code == CHRONOTOPE_OK) {
        printf("%u accepted, %zu refused\n", reply->accepted, reply->n_refused);
        chronotope__v1__put_events_reply__free_unpacked(reply, NULL);
    }
    return code;
}

static chronotope_code print_recommendations(chronotope_client *client, char *user, chronotope_error **error) {
    Chronotope__V1__Filter filter = CHRONOTOPE__V1__FILTER__INIT;
    filter.include_seen = true;
    Chronotope__V1__ListRequest request = CHRONOTOPE__V1__LIST_REQUEST__INIT;
    request.user = user;
    request.k = 5;
    request.filter = &filter;
    const chronotope_options options = {.timeout_ms = 1000};
    Chronotope__V1__ListReply *reply = NULL;
    chronotope_code code = chronotope_recommend(client, &request, &options, &reply, error);
    if (code == CHRONOTOPE_OK) {
        for (size_t index = 0; index < reply->n_items; index++) {
            printf("%8.3f  %s\n", reply->items[index]->score, reply->items[index]->name);
        }
        printf("by %s\n", reply->provenance == NULL ? "nothing" : reply->provenance->path);
        chronotope__v1__list_reply__free_unpacked(reply, NULL);
    }
    return code;
}

int main(int count, char **arguments) {
    const char *address = count > 1 ? arguments[1] : "tcp://127.0.0.1:7300";
    char *user = count > 2 ? arguments[2] : "ada";
    chronotope_client *client = NULL;
    chronotope_error *error = NULL;
    if (chronotope_open(address, NULL, &client, &error) != CHRONOTOPE_OK) {
        return report(error);
    }
    bool is_done = put_visit(client, user, &error) == CHRONOTOPE_OK &&
                   print_recommendations(client, user, &error) == CHRONOTOPE_OK;
    chronotope_close(client);
    return is_done ? 0 : report(error);
}
