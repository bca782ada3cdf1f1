/* The generated code against testdata/golden/messages, which Google's Python protobuf wrote: decoding and encoding again
 * gives the same bytes. protobuf-c keeps unknown fields, so no vector is an exception. */
#include "chronotope.h"

#include "check.h"

enum { MIN_CASES = 40, MAX_VECTOR_BYTES = 1 << 20 };

static const ProtobufCMessageDescriptor *const types[] = {
    &chronotope__v1__event__descriptor,
    &chronotope__v1__put_events_request__descriptor,
    &chronotope__v1__put_events_reply__descriptor,
    &chronotope__v1__list_request__descriptor,
    &chronotope__v1__list_reply__descriptor,
    &chronotope__v1__log_record__descriptor,
    &chronotope__v1__stored_record__descriptor,
    &chronotope__v1__request__descriptor,
    &chronotope__v1__response__descriptor,
    &chronotope__v1__server_info__descriptor,
    &chronotope__v1__health_check_reply__descriptor,
    &chronotope__v1__user_vector_reply__descriptor,
    &chronotope__v1__model_status__descriptor,
    &chronotope__v1__collect_garbage_reply__descriptor,
    &chronotope__v1__run__descriptor,
    &chronotope__v1__pattern__descriptor,
    &chronotope__v1__list_patterns_request__descriptor,
    &chronotope__v1__list_patterns_reply__descriptor,
    &chronotope__v1__get_pattern_request__descriptor,
    &chronotope__v1__pattern_reply__descriptor,
    &chronotope__v1__pattern_drift_request__descriptor,
    &chronotope__v1__pattern_drift_reply__descriptor,
    &chronotope__v1__mine_patterns_request__descriptor,
    &chronotope__v1__explain_request__descriptor,
    &chronotope__v1__explanation__descriptor,
    &chronotope__v1__watch_alerts_request__descriptor,
    &chronotope__v1__watch_alerts_reply__descriptor,
    &chronotope__v1__release_counts_request__descriptor,
    &chronotope__v1__release_counts_reply__descriptor,
    &chronotope__v1__privacy_budget_reply__descriptor,
};

static const ProtobufCMessageDescriptor *type_named(const char *name) {
    for (size_t index = 0; index < sizeof types / sizeof *types; index++) {
        if (strcmp(types[index]->name, name) == 0) {
            return types[index];
        }
    }
    return NULL;
}

static uint8_t vector[MAX_VECTOR_BYTES];
static uint8_t encoded[MAX_VECTOR_BYTES];

/* Reads `folder/name.bin` into `vector`. */
static size_t read_vector(const char *folder, const char *name) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s.bin", folder, name);
    FILE *file = fopen(path, "rb");
    REQUIRE(file != NULL);
    size_t size = fread(vector, 1, sizeof vector, file);
    REQUIRE(!ferror(file) && size < sizeof vector);
    fclose(file);
    return size;
}

static bool recodes(const ProtobufCMessageDescriptor *type, size_t size) {
    ProtobufCMessage *message = protobuf_c_message_unpack(type, NULL, size, vector);
    if (message == NULL) {
        return false;
    }
    size_t packed_size = protobuf_c_message_get_packed_size(message);
    bool is_same = packed_size == size && protobuf_c_message_pack(message, encoded) == size &&
                   memcmp(encoded, vector, size) == 0;
    protobuf_c_message_free_unpacked(message, NULL);
    return is_same;
}

int main(int count, char **arguments) {
    REQUIRE(count == 2);
    char path[512];
    snprintf(path, sizeof path, "%s/cases.tsv", arguments[1]);
    FILE *cases = fopen(path, "r");
    REQUIRE(cases != NULL);
    char name[128];
    char type_name[128];
    unsigned number = 0;
    while (fscanf(cases, "%127[^\t]\t%127s\n", name, type_name) == 2) {
        unsigned before = failed_checks;
        const ProtobufCMessageDescriptor *type = type_named(type_name);
        CHECK(type != NULL && recodes(type, read_vector(arguments[1], name)));
        count_test(name, before);
        number++;
    }
    REQUIRE(feof(cases));
    fclose(cases);
    CHECK(number >= MIN_CASES);
    return finish_tests("golden") != 0 || failed_checks > 0;
}
