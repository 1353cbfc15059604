// uds-peer-grpc: a synchronous gRPC server with one call, and its client, over a Unix socket.
//
// A client of its own is a channel with a connection of its own. The plain ping is a blocking call;
// many requests are asynchronous calls on one completion queue, which needs no thread for each.
#include <grpcpp/grpcpp.h>

#include <deque>
#include <memory>
#include <stdexcept>
#include <vector>

#include "peer_roles.hpp"
#include "ping.grpc.pb.h"

namespace uds_peer {
namespace {

class Service final : public Peer::Service {
 public:
  grpc::Status Ping(grpc::ServerContext* /*context*/, const Question* /*question*/,
                    Answer* answer) override {
    answer->set_text(kAnswer);
    return grpc::Status::OK;
  }
};

void check(const grpc::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.error_message());
}

/// A channel that shares no connection with others, connected.
std::unique_ptr<Peer::Stub> connect_to(const std::string& path, const Question& question) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  auto stub = Peer::NewStub(
      grpc::CreateCustomChannel("unix:" + path, grpc::InsecureChannelCredentials(), arguments));
  grpc::ClientContext context;
  Answer answer;
  check(stub->Ping(&context, question, &answer));
  return stub;
}

/// One asynchronous call.
struct Call {
  Peer::Stub* stub = nullptr;
  std::unique_ptr<grpc::ClientContext> context;
  std::unique_ptr<grpc::ClientAsyncResponseReader<Answer>> reader;
  Answer answer;
  grpc::Status status;
  uds_bench::Clock::time_point sent;

  void send(const Question& question, grpc::CompletionQueue& queue) {
    sent = uds_bench::Clock::now();
    context = std::make_unique<grpc::ClientContext>();  // gRPC takes none twice
    reader = stub->AsyncPing(context.get(), question, &queue);
    reader->Finish(&answer, &status, this);
  }
};

void count(const Answer& answer, uds_bench::Clock::time_point sent, uds_bench::Result& result) {
  result.latencies.add(uds_bench::Clock::now() - sent);
  result.bytes += answer.text().size();
  ++result.requests;
}

void run_blocking(Peer::Stub& stub, const Question& question, uds_bench::Stopwatch& watch,
                  uds_bench::Result& result) {
  watch.start();
  while (!watch.over()) {
    const auto begin = uds_bench::Clock::now();
    grpc::ClientContext context;
    Answer answer;
    check(stub.Ping(&context, question, &answer));
    count(answer, begin, result);
  }
}

}  // namespace

void serve(const std::string& path) {
  Service service;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("unix:" + path, grpc::InsecureServerCredentials());
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (!server) throw std::runtime_error("the server does not start");
  server->Wait();
}

void run_load(const uds_bench::Options& options, uds_bench::Stopwatch& watch,
              uds_bench::Result& result) {
  Question question;
  question.set_text(kQuestion);
  std::vector<std::unique_ptr<Peer::Stub>> stubs;
  stubs.reserve(options.connections);
  for (std::size_t i = 0; i < options.connections; ++i)
    stubs.push_back(connect_to(options.socket, question));
  if (options.connections == 1 && options.outstanding == 1)
    return run_blocking(*stubs.front(), question, watch, result);
  grpc::CompletionQueue queue;
  std::deque<Call> calls;
  watch.start();
  for (const auto& stub : stubs)
    for (std::size_t i = 0; i < options.outstanding; ++i) {
      Call& call = calls.emplace_back();
      call.stub = stub.get();
      call.send(question, queue);
    }
  for (std::size_t under_way = calls.size(); under_way > 0;) {
    void* tag = nullptr;
    bool ok = false;
    if (!queue.Next(&tag, &ok)) break;
    Call& call = *static_cast<Call*>(tag);
    check(call.status);
    count(call.answer, call.sent, result);
    if (watch.over())
      --under_way;
    else
      call.send(question, queue);
  }
}

}  // namespace uds_peer
