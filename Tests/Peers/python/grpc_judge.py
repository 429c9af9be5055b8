"""Judges a host socket as a gRPC client that shares no code with the gateway (gRPC C-core through grpcio).

usage: grpc_judge.py SOCKET [SERVICE ...]

Services judge.Answer (the gateway answers itself) and judge.Forward (a plugin answers behind it) must behave alike, and so must any
service of a connection that is relayed.
Prints one line per case, and exits 1 at the first that fails.
"""

import concurrent.futures
import sys
import threading

import grpc

MEGABYTE = 1024 * 1024
REQUEST_LIMIT = 16 * MEGABYTE


def connect(path):
    options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
    return grpc.insecure_channel("unix:" + path, options=options)


def failure(call, *arguments, **named):
    try:
        call(*arguments, **named)
    except grpc.RpcError as error:
        return error
    raise AssertionError("the call did not fail")


class Cases:
    def __init__(self, channel, service):
        self.channel = channel
        self.service = service

    def unary(self, method):
        return self.channel.unary_unary(f"/judge.{self.service}/{method}")

    def case_unary(self):
        assert self.unary("Same")(b"hello") == b"hello"
        assert self.unary("Same")(b"") == b""

    def case_many_at_once(self):
        call = self.unary("Same")
        with concurrent.futures.ThreadPoolExecutor(32) as pool:
            messages = [b"message %d" % number * (number % 50) for number in range(1000)]
            assert list(pool.map(call, messages)) == messages

    def case_metadata(self):
        sent = [("echo-a", "1"), ("echo-b", "with spaces, and commas"), ("echo-a", "2"), ("echo-x-bin", bytes(range(256)))]
        reply, call = self.unary("Echo").with_call(b"x", metadata=sent)
        assert reply == b"x"
        for received in (call.initial_metadata(), call.trailing_metadata()):
            assert [v for k, v in received if k == "echo-a"] == ["1", "2"], received
            assert [v for k, v in received if k == "echo-b"] == ["with spaces, and commas"], received
            assert [v for k, v in received if k == "echo-x-bin"] == [bytes(range(256))], received

    def case_server_stream(self):
        replies = list(self.channel.unary_stream(f"/judge.{self.service}/Count")(b"2000"))
        assert replies == [b"%d" % number for number in range(2000)]

    def case_bidirectional(self):
        call = self.channel.stream_stream(f"/judge.{self.service}/Echo")
        messages = [b"x" * (number * 37 % 40000) for number in range(500)]
        assert list(call(iter(messages))) == messages

    def case_slow_reader(self):
        call = self.channel.unary_stream(f"/judge.{self.service}/Blocks")(b"300")
        first = next(call)
        threading.Event().wait(0.3)
        assert len(first) + sum(len(block) for block in call) == 300 * 65536

    def case_big_messages(self):
        message = bytes(8 * MEGABYTE)
        assert self.unary("Same")(message) == message
        assert len(self.unary("Big")(b"50")) == 50 * MEGABYTE

    def case_big_messages_at_once_beside_cancelled_ones(self):
        # Fills every socket and window on the way while this side measures bandwidth with PINGs.
        message = bytes(2 * MEGABYTE)
        call = self.unary("Same")

        def cancelled(_):
            future = call.future(message)
            threading.Event().wait(0.005)
            future.cancel()

        with concurrent.futures.ThreadPoolExecutor(24) as pool:
            disturbance = [pool.submit(cancelled, number) for number in range(30)]
            assert all(reply == message for reply in pool.map(call, [message] * 48))
            for task in disturbance:
                task.result()

    def case_gzip(self):
        message = b"compressible " * 100_000
        assert self.unary("Same")(message, compression=grpc.Compression.Gzip) == message

    def case_deflate_is_refused(self):
        error = failure(self.unary("Same"), b"x" * 10000, compression=grpc.Compression.Deflate)
        assert error.code() == grpc.StatusCode.UNIMPLEMENTED, error
        assert "gzip" in error.details(), error

    def case_oversized_request(self):
        error = failure(self.unary("Same"), bytes(REQUEST_LIMIT + 1))
        assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED, error
        assert "limits.maximum_request_message" in error.details(), error
        error = failure(self.unary("Same"), bytes(REQUEST_LIMIT + MEGABYTE), compression=grpc.Compression.Gzip)
        assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED, error
        self.case_unary()

    def case_status(self):
        error = failure(self.unary("Fail"), b"")
        assert error.code() == grpc.StatusCode.FAILED_PRECONDITION, error
        assert error.details() == "zu früh: 100 %\n\tπ", error
        details = [v for k, v in error.trailing_metadata() if k == "grpc-status-details-bin"]
        assert details == [b"\x08\x09\x12\x02hi"], error

    def case_deadline(self):
        error = failure(self.unary("Never"), b"", timeout=0.2)
        assert error.code() == grpc.StatusCode.DEADLINE_EXCEEDED, error
        remaining = int(self.unary("Deadline")(b"", timeout=30))
        # C-core rounds a timeout up.
        assert 25_000 < remaining <= 31_000, remaining
        assert self.unary("Deadline")(b"") == b"none"

    def case_cancel(self):
        before = int(self.unary("Cancelled")(b""))
        calls = [self.unary("Never").future(b"") for _ in range(50)]
        for call in calls:
            call.cancel()
        streams = [self.channel.unary_stream(f"/judge.{self.service}/Blocks")(b"100000") for _ in range(20)]
        for stream in streams:
            next(stream)
            stream.cancel()
        for _ in range(500):
            # Calls cancelled before they were sent never arrive.
            if int(self.unary("Cancelled")(b"")) >= before + len(streams):
                break
            threading.Event().wait(0.01)
        else:
            raise AssertionError("cancelled calls did not end")
        self.case_unary()

    def case_unknown_method(self):
        error = failure(self.unary("Nothing"), b"")
        assert error.code() == grpc.StatusCode.UNIMPLEMENTED, error

    def run(self):
        for name in [name for name in dir(self) if name.startswith("case_")]:
            getattr(self, name)()
            print(f"ok {self.service} {name.removeprefix('case_')}", flush=True)


def main():
    with connect(sys.argv[1]) as channel:
        for service in sys.argv[2:] or ["Answer", "Forward"]:
            Cases(channel, service).run()


if __name__ == "__main__":
    main()
