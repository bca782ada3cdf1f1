// An echo server in gRPC C++, by its callback interface.
//
//     grpc_server unix:/tmp/echo.socket

#include <grpcpp/grpcpp.h>

#include <cstdio>

#include "echo.grpc.pb.h"

namespace {

class EchoService final : public peer::Echo::CallbackService {
  grpc::ServerUnaryReactor* Call(grpc::CallbackServerContext* context, const peer::Body* request,
                                 peer::Body* reply) override {
    reply->set_data(request->data());
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fprintf(stderr, "usage: grpc_server ADDRESS\n");
    return 2;
  }
  EchoService service;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(arguments[1], grpc::InsecureServerCredentials());
  builder.RegisterService(&service);
  auto server = builder.BuildAndStart();
  if (!server) return 1;
  server->Wait();
}
