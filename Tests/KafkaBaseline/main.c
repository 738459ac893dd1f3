// What librdkafka does without Messaging: the plain C program that `Benchmarks kafka` compares with. It has no other use.
//
//   KafkaBaseline produce BROKERS TOPIC PARTITIONS COUNT WINDOW name=value…
//   KafkaBaseline consume|keep BROKERS TOPIC PARTITIONS COUNT name=value…
//
// `consume` looks at each record and lets go of it; `keep` copies it into memory of its own, as a program must that hands a batch on. WINDOW is how many records may be on their way before the program waits until all of them are acknowledged. Prints records, seconds and
// the microseconds of CPU this process used meanwhile.
#define _GNU_SOURCE
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { VALUE_BYTES = 300, CONSUME_BATCH = 4000 };

static long acknowledged, failed;

static void die(const char *what) {
    fprintf(stderr, "KafkaBaseline: %s\n", what);
    exit(1);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static double cpu(void) {
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    return r.ru_utime.tv_sec + r.ru_stime.tv_sec + (r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

static void report(long count, double began, double used) { printf("%ld %.6f %.0f\n", count, now() - began, (cpu() - used) * 1e6); }

static void delivered(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque) {
    (void)rk;
    (void)opaque;
    if (message->err) failed++;
    else acknowledged++;
}

static rd_kafka_t *client(rd_kafka_type_t type, const char *brokers, char **properties, int count) {
    char text[512];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    if (rd_kafka_conf_set(conf, "bootstrap.servers", brokers, text, sizeof text)) die(text);
    for (int i = 0; i < count; i++) {
        char *value = strchr(properties[i], '=');
        if (!value) die("a property is name=value");
        *value++ = 0;
        if (rd_kafka_conf_set(conf, properties[i], value, text, sizeof text)) die(text);
    }
    // Messaging says the library's remarks elsewhere.
    rd_kafka_conf_set(conf, "log_level", "3", text, sizeof text);
    if (type == RD_KAFKA_PRODUCER) rd_kafka_conf_set_dr_msg_cb(conf, delivered);
    rd_kafka_t *rk = rd_kafka_new(type, conf, text, sizeof text);
    if (!rk) die(text);
    return rk;
}

static void await(rd_kafka_t *rk, long count) {
    while (acknowledged + failed < count) rd_kafka_poll(rk, 1000);
    if (failed) die("a record was not acknowledged");
}

static void produce_one(rd_kafka_t *rk, rd_kafka_topic_t *topic, int partition, const char *key, const char *value) {
    static const char header[] = "application/cloudevents+protobuf";
    for (;;) {
        rd_kafka_resp_err_t error = rd_kafka_producev(
            rk, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_PARTITION(partition), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
            RD_KAFKA_V_KEY(key, strlen(key)), RD_KAFKA_V_VALUE((void *)value, VALUE_BYTES), RD_KAFKA_V_TIMESTAMP(1700000000000),
            RD_KAFKA_V_HEADER("content-type", header, sizeof header - 1), RD_KAFKA_V_END);
        if (!error) return;
        if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) die(rd_kafka_err2str(error));
        rd_kafka_poll(rk, 1000);
    }
}

static void produce(rd_kafka_t *rk, const char *name, int partitions, long count, long window) {
    rd_kafka_topic_t *topic = rd_kafka_topic_new(rk, name, NULL);
    char *values = malloc((size_t)count * VALUE_BYTES);
    char(*keys)[32] = malloc((size_t)count * 32);
    for (long i = 0; i < count; i++) {
        snprintf(keys[i], sizeof keys[i], "case-%ld", i);
        for (long j = 0; j < VALUE_BYTES; j++) values[i * VALUE_BYTES + j] = (char)('a' + ((i * 131 + j * 17) >> 3) % 26);
    }
    // The first send waits for the producer's identity and the topic's leaders.
    for (int p = 0; p < partitions; p++) produce_one(rk, topic, p, keys[0], values);
    await(rk, partitions);
    double began = now(), used = cpu();
    for (long i = 0; i < count; i++) {
        produce_one(rk, topic, (int)(i % partitions), keys[i], values + i * VALUE_BYTES);
        if ((i & 1023) == 0) rd_kafka_poll(rk, 0);
        if ((i + 1) % window == 0) await(rk, partitions + i + 1);
    }
    await(rk, partitions + count);
    report(count, began, used);
    rd_kafka_topic_destroy(topic);
}

// Key, value and header in one piece, behind their lengths.
static char *copied(const rd_kafka_message_t *message, const char *header, const void *value, size_t size) {
    size_t name = strlen(header), lengths[4] = {message->key_len, message->len, name, size};
    char *piece = malloc(sizeof lengths + lengths[0] + lengths[1] + lengths[2] + lengths[3]), *end = piece;
    end = mempcpy(end, lengths, sizeof lengths);
    end = mempcpy(end, message->key, message->key_len);
    end = mempcpy(end, message->payload, message->len);
    end = mempcpy(end, header, name);
    memcpy(end, value, size);
    return piece;
}

static void consume(rd_kafka_t *rk, const char *name, int partitions, long count, int keep) {
    rd_kafka_poll_set_consumer(rk);
    rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(rk);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(partitions);
    for (int p = 0; p < partitions; p++) rd_kafka_topic_partition_list_add(list, name, p)->offset = 0;
    static rd_kafka_message_t *batch[CONSUME_BATCH];
    static char *kept[CONSUME_BATCH];
    double began = now(), used = cpu();
    rd_kafka_assign(rk, list);
    long seen = 0, bytes = 0;
    while (seen < count) {
        rd_kafka_message_t *first = rd_kafka_consume_queue(queue, 10000);
        if (!first) die("no record came");
        batch[0] = first;
        long more = rd_kafka_consume_batch_queue(queue, 0, batch + 1, CONSUME_BATCH - 1);
        for (long i = 0; i <= (more > 0 ? more : 0); i++) {
            rd_kafka_message_t *message = batch[i];
            rd_kafka_headers_t *headers;
            const char *header = "";
            const void *value = "";
            size_t size = 0;
            if (!message->err) {
                seen++;
                bytes += (long)(message->len + message->key_len);
                if (!rd_kafka_message_headers(message, &headers) && !rd_kafka_header_get_all(headers, 0, &header, &value, &size))
                    bytes += (long)size;
                if (keep) {
                    free(kept[i]);
                    kept[i] = copied(message, header, value, size);
                }
            }
            rd_kafka_message_destroy(message);
        }
    }
    report(seen, began, used);
    if (bytes == 0) die("records without bytes");
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_queue_destroy(queue);
}

int main(int argc, char **argv) {
    int isProducer = argc > 6 && !strcmp(argv[1], "produce"), keep = argc > 5 && !strcmp(argv[1], "keep");
    if (argc < 6 || (!isProducer && !keep && strcmp(argv[1], "consume"))) die("produce|consume|keep BROKERS TOPIC PARTITIONS COUNT [WINDOW] name=value…");
    int used = isProducer ? 7 : 6;
    rd_kafka_t *rk = client(isProducer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER, argv[2], argv + used, argc - used);
    if (isProducer) produce(rk, argv[3], atoi(argv[4]), atol(argv[5]), atol(argv[6]));
    else consume(rk, argv[3], atoi(argv[4]), atol(argv[5]), keep);
    fflush(stdout);
    // What is measured is over; taking a client down takes seconds at times.
    _exit(0);
}
