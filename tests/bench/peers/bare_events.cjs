// What EventGate is made of, put together as one writes it first: Express, ajv, node-rdkafka.
// node bare_events.cjs PORT BOOTSTRAP TOPIC SCHEMA
'use strict';

const fs = require('fs');
const Ajv = require('ajv');
const express = require('express');
const { GuaranteedProducer } = require('@wikimedia/node-rdkafka-factory');

async function main(port, bootstrap, topic, schema) {
    const isValid = new Ajv().compile(JSON.parse(fs.readFileSync(schema)));
    const producer = await GuaranteedProducer.factory(
        { 'metadata.broker.list': bootstrap, 'queue.buffering.max.ms': 2 },
        { 'request.required.acks': -1 }
    );
    const app = express();
    app.use(express.json({ limit: '4mb' }));
    app.get('/_info', (_, answer) => answer.json({}));
    app.post('/v1/events', async (request, answer) => {
        const events = Array.isArray(request.body) ? request.body : [request.body];
        if (!events.every((event) => isValid(event))) {
            return answer.sendStatus(400);
        }
        try {
            await Promise.all(events.map((event) => producer.produce(
                topic, undefined, Buffer.from(JSON.stringify(event)), undefined
            )));
        } catch (error) {
            return answer.sendStatus(500);
        }
        return answer.sendStatus(201);
    });
    app.listen(port, '127.0.0.1');
}

main(...process.argv.slice(2));
