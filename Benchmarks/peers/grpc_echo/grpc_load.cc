// Callers in a closed loop against a gRPC server, by gRPC C++'s callback interface.
//
//     grpc_load ADDRESS echo BYTES IN_FLIGHT SECONDS CHANNELS
//         typed calls of peer.Echo/Call with BYTES of payload, each reply checked for its length
//     grpc_load ADDRESS METHOD FILE IN_FLIGHT SECONDS CHANNELS
//         any unary method, with the requests of FILE in turn: each 4 bytes little-endian length,
//         then an encoded message
//
// Prints one JSON object. Warms up for 0.3 s before it measures.

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "echo.grpc.pb.h"

namespace {

using Clock = std::chrono::steady_clock;

std::atomic<bool> measuring{false};
std::atomic<bool> stopping{false};
std::atomic<int> running{0};
std::atomic<int> failures{0};
std::atomic<size_t> next_request{0};

struct Caller {
  virtual ~Caller() = default;
  virtual void start(std::function<void(bool)> done) = 0;

  void run() {
    const auto begun = Clock::now();
    start([this, begun](bool is_good) {
      if (!is_good) failures++;
      if (is_good && measuring) {
        microseconds.push_back(
            std::chrono::duration<double, std::micro>(Clock::now() - begun).count());
      }
      if (stopping || !is_good) {
        running--;
        return;
      }
      run();
    });
  }

  std::vector<double> microseconds;
};

struct EchoCaller final : Caller {
  EchoCaller(std::shared_ptr<grpc::Channel> channel, size_t bytes)
      : stub(peer::Echo::NewStub(channel)) {
    request.set_data(std::string(bytes, 'x'));
  }

  void start(std::function<void(bool)> done) override {
    context = std::make_unique<grpc::ClientContext>();
    stub->async()->Call(context.get(), &request, &reply, [this, done](grpc::Status status) {
      done(status.ok() && reply.data().size() == request.data().size());
    });
  }

  std::unique_ptr<peer::Echo::Stub> stub;
  std::unique_ptr<grpc::ClientContext> context;
  peer::Body request, reply;
};

struct AnyCaller final : Caller {
  AnyCaller(std::shared_ptr<grpc::Channel> channel, std::string method,
            const std::vector<grpc::ByteBuffer>& requests)
      : stub(channel), method(std::move(method)), requests(requests) {}

  void start(std::function<void(bool)> done) override {
    context = std::make_unique<grpc::ClientContext>();
    request = requests[next_request++ % requests.size()];
    stub.UnaryCall(context.get(), method, grpc::StubOptions(), &request, &reply,
                   [this, done](grpc::Status status) { done(status.ok() && reply.Length() > 0); });
  }

  grpc::GenericStub stub;
  std::string method;
  const std::vector<grpc::ByteBuffer>& requests;
  std::unique_ptr<grpc::ClientContext> context;
  grpc::ByteBuffer request, reply;
};

std::vector<grpc::ByteBuffer> read_requests(const char* path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<grpc::ByteBuffer> requests;
  uint32_t length;
  while (file.read(reinterpret_cast<char*>(&length), sizeof length)) {
    std::string bytes(length, '\0');
    file.read(bytes.data(), length);
    grpc::Slice slice(bytes);
    requests.emplace_back(&slice, 1);
  }
  return requests;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 7) {
    std::fprintf(stderr, "usage: grpc_load ADDRESS echo|METHOD BYTES|FILE IN_FLIGHT SECONDS CHANNELS\n");
    return 2;
  }
  const std::string address = arguments[1], method = arguments[2];
  const int in_flight = std::atoi(arguments[4]), channel_count = std::atoi(arguments[6]);
  const double seconds = std::atof(arguments[5]);
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (int index = 0; index < channel_count; index++) {
    grpc::ChannelArguments options;
    options.SetInt("channel", index);  // otherwise channels share a connection
    channels.push_back(
        grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), options));
    channels.back()->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(10));
  }
  std::vector<grpc::ByteBuffer> requests;
  if (method != "echo") requests = read_requests(arguments[3]);
  std::vector<std::unique_ptr<Caller>> callers;
  for (int index = 0; index < in_flight; index++) {
    auto channel = channels[index % channels.size()];
    if (method == "echo") {
      callers.push_back(std::make_unique<EchoCaller>(channel, std::atol(arguments[3])));
    } else {
      callers.push_back(std::make_unique<AnyCaller>(channel, method, requests));
    }
    callers.back()->microseconds.reserve(1 << 18);
  }
  running = in_flight;
  for (auto& caller : callers) caller->run();
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  measuring = true;
  const auto start = Clock::now();
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  measuring = false;
  const double elapsed = std::chrono::duration<double>(Clock::now() - start).count();
  stopping = true;
  while (running > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  std::vector<double> all;
  for (auto& caller : callers) {
    all.insert(all.end(), caller->microseconds.begin(), caller->microseconds.end());
  }
  if (all.empty()) {
    std::fprintf(stderr, "no call succeeded\n");
    return 1;
  }
  std::sort(all.begin(), all.end());
  std::printf(
      "{\"peer\": \"gRPC C++ %s\", \"in_flight\": %d, \"calls\": %zu, \"calls_per_second\": %.1f, "
      "\"p50_us\": %.1f, \"p99_us\": %.1f, \"failures\": %d}\n",
      grpc::Version().c_str(), in_flight, all.size(), all.size() / elapsed, all[all.size() / 2],
      all[all.size() * 99 / 100], failures.load());
  return failures > 0 ? 1 : 0;
}
