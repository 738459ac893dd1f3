"""A bureau, a centre and a dashboard that know nothing of CareLoop but the published schemas and confluent-kafka.

    python clients.py BOOTSTRAP SCHEMAS publish ORG json|protobuf FILE   publish the results of FILE (JSON lines)
    python clients.py BOOTSTRAP SCHEMAS read TOPIC COUNT SECONDS         print COUNT records of TOPIC as JSON lines
"""

import json
import subprocess
import sys
import tempfile

from confluent_kafka import Consumer, Producer, TopicPartition
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

bootstrap, schemas, command, *rest = sys.argv[1:]
# A mock cluster answers an empty fetch only when this is over; on a real one it does no harm.
QUICK = {"bootstrap.servers": bootstrap, "socket.nagle.disable": True}


def messages():
    """Message classes by full name, from the published .proto files."""
    with tempfile.NamedTemporaryFile() as out:
        files = ["careloop/v1/partner.proto", "careloop/v1/reporting.proto", "io/cloudevents/v1/cloudevents.proto"]
        subprocess.run(["protoc", "-I", schemas, "--include_imports", "--descriptor_set_out", out.name, *files], check=True)
        described = descriptor_pb2.FileDescriptorSet.FromString(out.read())
    pool = descriptor_pool.DescriptorPool()
    for file in described.file:
        pool.Add(file)
    return lambda name: message_factory.GetMessageClass(pool.FindMessageTypeByName(name))


def publish(organisation, form, path):
    producer = Producer({**QUICK, "enable.idempotence": True})
    topic = f"careloop.partner.{organisation}.screening-results.v1"
    message = messages()
    sent = 0

    def acknowledged(error, _):
        if error:
            raise SystemExit(f"not acknowledged: {error}")

    for line in open(path, encoding="utf-8"):
        result = json.loads(line)
        if form == "protobuf":
            value = json_format.ParseDict(result, message("careloop.v1.ScreeningResult")()).SerializeToString()
            headers = {"content-type": "application/protobuf", "ce_specversion": "1.0", "ce_id": result["resultId"],
                       "ce_source": f"/bureaus/{organisation}", "ce_type": "careloop.partner.screening-result.v1"}
        else:
            value = json.dumps(result, ensure_ascii=False).encode()
            headers = {"content-type": "application/json"}
        producer.produce(topic, key=result["resultId"], value=value, headers=headers, on_delivery=acknowledged)
        sent += 1
    left = producer.flush(30)
    if left:
        raise SystemExit(f"{left} records were not acknowledged")
    print(json.dumps({"published": sent}))


def read(topic, count, seconds):
    consumer = Consumer({**QUICK, "group.id": "foreign", "enable.auto.commit": False, "auto.offset.reset": "earliest",
                         "fetch.wait.max.ms": 10})
    partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
    consumer.assign([TopicPartition(topic, number, 0) for number in partitions])
    kinds = {"careloop.partner.result-receipt.v1": "careloop.v1.ResultReceipt", "careloop.reporting.indicator.v1": "careloop.v1.Indicator",
             "careloop.partner.referral-notice.v1": "careloop.v1.ReferralNotice",
             "careloop.partner.answer-receipt.v1": "careloop.v1.AnswerReceipt"}
    message = messages()
    seen = 0
    patience = int(float(seconds) / 0.2)
    while seen < int(count) and patience > 0:
        record = consumer.poll(0.2)
        if record is None or record.error():
            patience -= 1
            continue
        headers = {name: value.decode() for name, value in record.headers() or []}
        if headers["content-type"] == "application/cloudevents+protobuf":
            # Internal topics: the CloudEvents attributes stand inside, around the event.
            envelope = message("io.cloudevents.v1.CloudEvent").FromString(record.value())
            kind, value = envelope.type, envelope.binary_data
        else:
            kind, value = headers["ce_type"], record.value()
        event = message(kinds[kind]).FromString(value)
        print(json.dumps({"key": record.key().decode(), "type": kind, **json_format.MessageToDict(event)}), flush=True)
        seen += 1
    consumer.close()


{"publish": publish, "read": read}[command](*rest)
