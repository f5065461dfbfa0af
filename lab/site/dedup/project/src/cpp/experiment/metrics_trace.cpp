#include <iostream>
#include <memory>
#include <stdexcept>

#include "config.hpp"
#include "connectors/kafka_connector.hpp"

namespace dedup {

class Producer;
std::shared_ptr<Producer> make_producer(const std::map<std::string, std::string>& settings);

// The object is made before anything is sent, so this says nothing of the login.
std::shared_ptr<Producer> open_trace(const KafkaConfig& config) {
    const KafkaConnector connector(config);
    auto producer = make_producer(connector.settings());
    if (!producer) {
        throw std::runtime_error("Kafka producer: cannot be made");
    }
    std::cout << "Kafka producer ready (" << connector.settings().at("bootstrap.servers")
              << (config.user.empty() ? "" : ", user=" + config.user) << ")\n";
    return producer;
}

}  // namespace dedup
